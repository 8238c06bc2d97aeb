"""The calls of each gRPC service. Written by ``protos/service_methods.py``: do not edit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import temporalio.api
import temporalio.bridge.proto.health.v1
import temporalio.service._well_known

from ._base import ServiceBase


class WorkflowMethods(ServiceBase):
    """The calls of ``temporal.api.workflowservice.v1.WorkflowService``."""

    _path = "/temporal.api.workflowservice.v1.WorkflowService/"

    async def count_activity_executions(
        self,
        req: temporalio.api.workflowservice.v1.CountActivityExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CountActivityExecutionsResponse:
        """Call ``CountActivityExecutions``."""
        return await self._call(
            "CountActivityExecutions",
            req,
            temporalio.api.workflowservice.v1.CountActivityExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def count_nexus_operation_executions(
        self,
        req: temporalio.api.workflowservice.v1.CountNexusOperationExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CountNexusOperationExecutionsResponse:
        """Call ``CountNexusOperationExecutions``."""
        return await self._call(
            "CountNexusOperationExecutions",
            req,
            temporalio.api.workflowservice.v1.CountNexusOperationExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def count_schedules(
        self,
        req: temporalio.api.workflowservice.v1.CountSchedulesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CountSchedulesResponse:
        """Call ``CountSchedules``."""
        return await self._call(
            "CountSchedules",
            req,
            temporalio.api.workflowservice.v1.CountSchedulesResponse,
            retry,
            metadata,
            timeout,
        )

    async def count_workers(
        self,
        req: temporalio.api.workflowservice.v1.CountWorkersRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CountWorkersResponse:
        """Call ``CountWorkers``."""
        return await self._call(
            "CountWorkers",
            req,
            temporalio.api.workflowservice.v1.CountWorkersResponse,
            retry,
            metadata,
            timeout,
        )

    async def count_workflow_executions(
        self,
        req: temporalio.api.workflowservice.v1.CountWorkflowExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CountWorkflowExecutionsResponse:
        """Call ``CountWorkflowExecutions``."""
        return await self._call(
            "CountWorkflowExecutions",
            req,
            temporalio.api.workflowservice.v1.CountWorkflowExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_schedule(
        self,
        req: temporalio.api.workflowservice.v1.CreateScheduleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CreateScheduleResponse:
        """Call ``CreateSchedule``."""
        return await self._call(
            "CreateSchedule",
            req,
            temporalio.api.workflowservice.v1.CreateScheduleResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_worker_deployment(
        self,
        req: temporalio.api.workflowservice.v1.CreateWorkerDeploymentRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CreateWorkerDeploymentResponse:
        """Call ``CreateWorkerDeployment``."""
        return await self._call(
            "CreateWorkerDeployment",
            req,
            temporalio.api.workflowservice.v1.CreateWorkerDeploymentResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_worker_deployment_version(
        self,
        req: temporalio.api.workflowservice.v1.CreateWorkerDeploymentVersionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CreateWorkerDeploymentVersionResponse:
        """Call ``CreateWorkerDeploymentVersion``."""
        return await self._call(
            "CreateWorkerDeploymentVersion",
            req,
            temporalio.api.workflowservice.v1.CreateWorkerDeploymentVersionResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_workflow_rule(
        self,
        req: temporalio.api.workflowservice.v1.CreateWorkflowRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.CreateWorkflowRuleResponse:
        """Call ``CreateWorkflowRule``."""
        return await self._call(
            "CreateWorkflowRule",
            req,
            temporalio.api.workflowservice.v1.CreateWorkflowRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.DeleteActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteActivityExecutionResponse:
        """Call ``DeleteActivityExecution``."""
        return await self._call(
            "DeleteActivityExecution",
            req,
            temporalio.api.workflowservice.v1.DeleteActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_nexus_operation_execution(
        self,
        req: temporalio.api.workflowservice.v1.DeleteNexusOperationExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteNexusOperationExecutionResponse:
        """Call ``DeleteNexusOperationExecution``."""
        return await self._call(
            "DeleteNexusOperationExecution",
            req,
            temporalio.api.workflowservice.v1.DeleteNexusOperationExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_schedule(
        self,
        req: temporalio.api.workflowservice.v1.DeleteScheduleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteScheduleResponse:
        """Call ``DeleteSchedule``."""
        return await self._call(
            "DeleteSchedule",
            req,
            temporalio.api.workflowservice.v1.DeleteScheduleResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_worker_deployment(
        self,
        req: temporalio.api.workflowservice.v1.DeleteWorkerDeploymentRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteWorkerDeploymentResponse:
        """Call ``DeleteWorkerDeployment``."""
        return await self._call(
            "DeleteWorkerDeployment",
            req,
            temporalio.api.workflowservice.v1.DeleteWorkerDeploymentResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_worker_deployment_version(
        self,
        req: temporalio.api.workflowservice.v1.DeleteWorkerDeploymentVersionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteWorkerDeploymentVersionResponse:
        """Call ``DeleteWorkerDeploymentVersion``."""
        return await self._call(
            "DeleteWorkerDeploymentVersion",
            req,
            temporalio.api.workflowservice.v1.DeleteWorkerDeploymentVersionResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.DeleteWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteWorkflowExecutionResponse:
        """Call ``DeleteWorkflowExecution``."""
        return await self._call(
            "DeleteWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.DeleteWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_workflow_rule(
        self,
        req: temporalio.api.workflowservice.v1.DeleteWorkflowRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeleteWorkflowRuleResponse:
        """Call ``DeleteWorkflowRule``."""
        return await self._call(
            "DeleteWorkflowRule",
            req,
            temporalio.api.workflowservice.v1.DeleteWorkflowRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def deprecate_namespace(
        self,
        req: temporalio.api.workflowservice.v1.DeprecateNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DeprecateNamespaceResponse:
        """Call ``DeprecateNamespace``."""
        return await self._call(
            "DeprecateNamespace",
            req,
            temporalio.api.workflowservice.v1.DeprecateNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.DescribeActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeActivityExecutionResponse:
        """Call ``DescribeActivityExecution``."""
        return await self._call(
            "DescribeActivityExecution",
            req,
            temporalio.api.workflowservice.v1.DescribeActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_batch_operation(
        self,
        req: temporalio.api.workflowservice.v1.DescribeBatchOperationRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeBatchOperationResponse:
        """Call ``DescribeBatchOperation``."""
        return await self._call(
            "DescribeBatchOperation",
            req,
            temporalio.api.workflowservice.v1.DescribeBatchOperationResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_deployment(
        self,
        req: temporalio.api.workflowservice.v1.DescribeDeploymentRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeDeploymentResponse:
        """Call ``DescribeDeployment``."""
        return await self._call(
            "DescribeDeployment",
            req,
            temporalio.api.workflowservice.v1.DescribeDeploymentResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_namespace(
        self,
        req: temporalio.api.workflowservice.v1.DescribeNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeNamespaceResponse:
        """Call ``DescribeNamespace``."""
        return await self._call(
            "DescribeNamespace",
            req,
            temporalio.api.workflowservice.v1.DescribeNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_nexus_operation_execution(
        self,
        req: temporalio.api.workflowservice.v1.DescribeNexusOperationExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeNexusOperationExecutionResponse:
        """Call ``DescribeNexusOperationExecution``."""
        return await self._call(
            "DescribeNexusOperationExecution",
            req,
            temporalio.api.workflowservice.v1.DescribeNexusOperationExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_schedule(
        self,
        req: temporalio.api.workflowservice.v1.DescribeScheduleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeScheduleResponse:
        """Call ``DescribeSchedule``."""
        return await self._call(
            "DescribeSchedule",
            req,
            temporalio.api.workflowservice.v1.DescribeScheduleResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_task_queue(
        self,
        req: temporalio.api.workflowservice.v1.DescribeTaskQueueRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeTaskQueueResponse:
        """Call ``DescribeTaskQueue``."""
        return await self._call(
            "DescribeTaskQueue",
            req,
            temporalio.api.workflowservice.v1.DescribeTaskQueueResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_worker(
        self,
        req: temporalio.api.workflowservice.v1.DescribeWorkerRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeWorkerResponse:
        """Call ``DescribeWorker``."""
        return await self._call(
            "DescribeWorker",
            req,
            temporalio.api.workflowservice.v1.DescribeWorkerResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_worker_deployment(
        self,
        req: temporalio.api.workflowservice.v1.DescribeWorkerDeploymentRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeWorkerDeploymentResponse:
        """Call ``DescribeWorkerDeployment``."""
        return await self._call(
            "DescribeWorkerDeployment",
            req,
            temporalio.api.workflowservice.v1.DescribeWorkerDeploymentResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_worker_deployment_version(
        self,
        req: temporalio.api.workflowservice.v1.DescribeWorkerDeploymentVersionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeWorkerDeploymentVersionResponse:
        """Call ``DescribeWorkerDeploymentVersion``."""
        return await self._call(
            "DescribeWorkerDeploymentVersion",
            req,
            temporalio.api.workflowservice.v1.DescribeWorkerDeploymentVersionResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.DescribeWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeWorkflowExecutionResponse:
        """Call ``DescribeWorkflowExecution``."""
        return await self._call(
            "DescribeWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.DescribeWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def describe_workflow_rule(
        self,
        req: temporalio.api.workflowservice.v1.DescribeWorkflowRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.DescribeWorkflowRuleResponse:
        """Call ``DescribeWorkflowRule``."""
        return await self._call(
            "DescribeWorkflowRule",
            req,
            temporalio.api.workflowservice.v1.DescribeWorkflowRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def execute_multi_operation(
        self,
        req: temporalio.api.workflowservice.v1.ExecuteMultiOperationRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ExecuteMultiOperationResponse:
        """Call ``ExecuteMultiOperation``."""
        return await self._call(
            "ExecuteMultiOperation",
            req,
            temporalio.api.workflowservice.v1.ExecuteMultiOperationResponse,
            retry,
            metadata,
            timeout,
        )

    async def fetch_worker_config(
        self,
        req: temporalio.api.workflowservice.v1.FetchWorkerConfigRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.FetchWorkerConfigResponse:
        """Call ``FetchWorkerConfig``."""
        return await self._call(
            "FetchWorkerConfig",
            req,
            temporalio.api.workflowservice.v1.FetchWorkerConfigResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_cluster_info(
        self,
        req: temporalio.api.workflowservice.v1.GetClusterInfoRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetClusterInfoResponse:
        """Call ``GetClusterInfo``."""
        return await self._call(
            "GetClusterInfo",
            req,
            temporalio.api.workflowservice.v1.GetClusterInfoResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_current_deployment(
        self,
        req: temporalio.api.workflowservice.v1.GetCurrentDeploymentRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetCurrentDeploymentResponse:
        """Call ``GetCurrentDeployment``."""
        return await self._call(
            "GetCurrentDeployment",
            req,
            temporalio.api.workflowservice.v1.GetCurrentDeploymentResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_deployment_reachability(
        self,
        req: temporalio.api.workflowservice.v1.GetDeploymentReachabilityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetDeploymentReachabilityResponse:
        """Call ``GetDeploymentReachability``."""
        return await self._call(
            "GetDeploymentReachability",
            req,
            temporalio.api.workflowservice.v1.GetDeploymentReachabilityResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_search_attributes(
        self,
        req: temporalio.api.workflowservice.v1.GetSearchAttributesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetSearchAttributesResponse:
        """Call ``GetSearchAttributes``."""
        return await self._call(
            "GetSearchAttributes",
            req,
            temporalio.api.workflowservice.v1.GetSearchAttributesResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_system_info(
        self,
        req: temporalio.api.workflowservice.v1.GetSystemInfoRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetSystemInfoResponse:
        """Call ``GetSystemInfo``."""
        return await self._call(
            "GetSystemInfo",
            req,
            temporalio.api.workflowservice.v1.GetSystemInfoResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_worker_build_id_compatibility(
        self,
        req: temporalio.api.workflowservice.v1.GetWorkerBuildIdCompatibilityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetWorkerBuildIdCompatibilityResponse:
        """Call ``GetWorkerBuildIdCompatibility``."""
        return await self._call(
            "GetWorkerBuildIdCompatibility",
            req,
            temporalio.api.workflowservice.v1.GetWorkerBuildIdCompatibilityResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_worker_task_reachability(
        self,
        req: temporalio.api.workflowservice.v1.GetWorkerTaskReachabilityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetWorkerTaskReachabilityResponse:
        """Call ``GetWorkerTaskReachability``."""
        return await self._call(
            "GetWorkerTaskReachability",
            req,
            temporalio.api.workflowservice.v1.GetWorkerTaskReachabilityResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_worker_versioning_rules(
        self,
        req: temporalio.api.workflowservice.v1.GetWorkerVersioningRulesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetWorkerVersioningRulesResponse:
        """Call ``GetWorkerVersioningRules``."""
        return await self._call(
            "GetWorkerVersioningRules",
            req,
            temporalio.api.workflowservice.v1.GetWorkerVersioningRulesResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_workflow_execution_history(
        self,
        req: temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse:
        """Call ``GetWorkflowExecutionHistory``."""
        return await self._call(
            "GetWorkflowExecutionHistory",
            req,
            temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_workflow_execution_history_reverse(
        self,
        req: temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryReverseRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryReverseResponse:
        """Call ``GetWorkflowExecutionHistoryReverse``."""
        return await self._call(
            "GetWorkflowExecutionHistoryReverse",
            req,
            temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryReverseResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_activity_executions(
        self,
        req: temporalio.api.workflowservice.v1.ListActivityExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListActivityExecutionsResponse:
        """Call ``ListActivityExecutions``."""
        return await self._call(
            "ListActivityExecutions",
            req,
            temporalio.api.workflowservice.v1.ListActivityExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_archived_workflow_executions(
        self,
        req: temporalio.api.workflowservice.v1.ListArchivedWorkflowExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListArchivedWorkflowExecutionsResponse:
        """Call ``ListArchivedWorkflowExecutions``."""
        return await self._call(
            "ListArchivedWorkflowExecutions",
            req,
            temporalio.api.workflowservice.v1.ListArchivedWorkflowExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_batch_operations(
        self,
        req: temporalio.api.workflowservice.v1.ListBatchOperationsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListBatchOperationsResponse:
        """Call ``ListBatchOperations``."""
        return await self._call(
            "ListBatchOperations",
            req,
            temporalio.api.workflowservice.v1.ListBatchOperationsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_closed_workflow_executions(
        self,
        req: temporalio.api.workflowservice.v1.ListClosedWorkflowExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListClosedWorkflowExecutionsResponse:
        """Call ``ListClosedWorkflowExecutions``."""
        return await self._call(
            "ListClosedWorkflowExecutions",
            req,
            temporalio.api.workflowservice.v1.ListClosedWorkflowExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_deployments(
        self,
        req: temporalio.api.workflowservice.v1.ListDeploymentsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListDeploymentsResponse:
        """Call ``ListDeployments``."""
        return await self._call(
            "ListDeployments",
            req,
            temporalio.api.workflowservice.v1.ListDeploymentsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_namespaces(
        self,
        req: temporalio.api.workflowservice.v1.ListNamespacesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListNamespacesResponse:
        """Call ``ListNamespaces``."""
        return await self._call(
            "ListNamespaces",
            req,
            temporalio.api.workflowservice.v1.ListNamespacesResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_nexus_operation_executions(
        self,
        req: temporalio.api.workflowservice.v1.ListNexusOperationExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListNexusOperationExecutionsResponse:
        """Call ``ListNexusOperationExecutions``."""
        return await self._call(
            "ListNexusOperationExecutions",
            req,
            temporalio.api.workflowservice.v1.ListNexusOperationExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_open_workflow_executions(
        self,
        req: temporalio.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListOpenWorkflowExecutionsResponse:
        """Call ``ListOpenWorkflowExecutions``."""
        return await self._call(
            "ListOpenWorkflowExecutions",
            req,
            temporalio.api.workflowservice.v1.ListOpenWorkflowExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_schedule_matching_times(
        self,
        req: temporalio.api.workflowservice.v1.ListScheduleMatchingTimesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListScheduleMatchingTimesResponse:
        """Call ``ListScheduleMatchingTimes``."""
        return await self._call(
            "ListScheduleMatchingTimes",
            req,
            temporalio.api.workflowservice.v1.ListScheduleMatchingTimesResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_schedules(
        self,
        req: temporalio.api.workflowservice.v1.ListSchedulesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListSchedulesResponse:
        """Call ``ListSchedules``."""
        return await self._call(
            "ListSchedules",
            req,
            temporalio.api.workflowservice.v1.ListSchedulesResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_task_queue_partitions(
        self,
        req: temporalio.api.workflowservice.v1.ListTaskQueuePartitionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListTaskQueuePartitionsResponse:
        """Call ``ListTaskQueuePartitions``."""
        return await self._call(
            "ListTaskQueuePartitions",
            req,
            temporalio.api.workflowservice.v1.ListTaskQueuePartitionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_worker_deployments(
        self,
        req: temporalio.api.workflowservice.v1.ListWorkerDeploymentsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListWorkerDeploymentsResponse:
        """Call ``ListWorkerDeployments``."""
        return await self._call(
            "ListWorkerDeployments",
            req,
            temporalio.api.workflowservice.v1.ListWorkerDeploymentsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_workers(
        self,
        req: temporalio.api.workflowservice.v1.ListWorkersRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListWorkersResponse:
        """Call ``ListWorkers``."""
        return await self._call(
            "ListWorkers",
            req,
            temporalio.api.workflowservice.v1.ListWorkersResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_workflow_executions(
        self,
        req: temporalio.api.workflowservice.v1.ListWorkflowExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListWorkflowExecutionsResponse:
        """Call ``ListWorkflowExecutions``."""
        return await self._call(
            "ListWorkflowExecutions",
            req,
            temporalio.api.workflowservice.v1.ListWorkflowExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_workflow_rules(
        self,
        req: temporalio.api.workflowservice.v1.ListWorkflowRulesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ListWorkflowRulesResponse:
        """Call ``ListWorkflowRules``."""
        return await self._call(
            "ListWorkflowRules",
            req,
            temporalio.api.workflowservice.v1.ListWorkflowRulesResponse,
            retry,
            metadata,
            timeout,
        )

    async def patch_schedule(
        self,
        req: temporalio.api.workflowservice.v1.PatchScheduleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PatchScheduleResponse:
        """Call ``PatchSchedule``."""
        return await self._call(
            "PatchSchedule",
            req,
            temporalio.api.workflowservice.v1.PatchScheduleResponse,
            retry,
            metadata,
            timeout,
        )

    async def pause_activity(
        self,
        req: temporalio.api.workflowservice.v1.PauseActivityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PauseActivityResponse:
        """Call ``PauseActivity``."""
        return await self._call(
            "PauseActivity",
            req,
            temporalio.api.workflowservice.v1.PauseActivityResponse,
            retry,
            metadata,
            timeout,
        )

    async def pause_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.PauseActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PauseActivityExecutionResponse:
        """Call ``PauseActivityExecution``."""
        return await self._call(
            "PauseActivityExecution",
            req,
            temporalio.api.workflowservice.v1.PauseActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def pause_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.PauseWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PauseWorkflowExecutionResponse:
        """Call ``PauseWorkflowExecution``."""
        return await self._call(
            "PauseWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.PauseWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.PollActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollActivityExecutionResponse:
        """Call ``PollActivityExecution``."""
        return await self._call(
            "PollActivityExecution",
            req,
            temporalio.api.workflowservice.v1.PollActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_activity_task_queue(
        self,
        req: temporalio.api.workflowservice.v1.PollActivityTaskQueueRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollActivityTaskQueueResponse:
        """Call ``PollActivityTaskQueue``."""
        return await self._call(
            "PollActivityTaskQueue",
            req,
            temporalio.api.workflowservice.v1.PollActivityTaskQueueResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_nexus_operation_execution(
        self,
        req: temporalio.api.workflowservice.v1.PollNexusOperationExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollNexusOperationExecutionResponse:
        """Call ``PollNexusOperationExecution``."""
        return await self._call(
            "PollNexusOperationExecution",
            req,
            temporalio.api.workflowservice.v1.PollNexusOperationExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_nexus_task_queue(
        self,
        req: temporalio.api.workflowservice.v1.PollNexusTaskQueueRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollNexusTaskQueueResponse:
        """Call ``PollNexusTaskQueue``."""
        return await self._call(
            "PollNexusTaskQueue",
            req,
            temporalio.api.workflowservice.v1.PollNexusTaskQueueResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_workflow_execution_time_skipping(
        self,
        req: temporalio.api.workflowservice.v1.PollWorkflowExecutionTimeSkippingRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollWorkflowExecutionTimeSkippingResponse:
        """Call ``PollWorkflowExecutionTimeSkipping``."""
        return await self._call(
            "PollWorkflowExecutionTimeSkipping",
            req,
            temporalio.api.workflowservice.v1.PollWorkflowExecutionTimeSkippingResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_workflow_execution_update(
        self,
        req: temporalio.api.workflowservice.v1.PollWorkflowExecutionUpdateRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollWorkflowExecutionUpdateResponse:
        """Call ``PollWorkflowExecutionUpdate``."""
        return await self._call(
            "PollWorkflowExecutionUpdate",
            req,
            temporalio.api.workflowservice.v1.PollWorkflowExecutionUpdateResponse,
            retry,
            metadata,
            timeout,
        )

    async def poll_workflow_task_queue(
        self,
        req: temporalio.api.workflowservice.v1.PollWorkflowTaskQueueRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.PollWorkflowTaskQueueResponse:
        """Call ``PollWorkflowTaskQueue``."""
        return await self._call(
            "PollWorkflowTaskQueue",
            req,
            temporalio.api.workflowservice.v1.PollWorkflowTaskQueueResponse,
            retry,
            metadata,
            timeout,
        )

    async def query_workflow(
        self,
        req: temporalio.api.workflowservice.v1.QueryWorkflowRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.QueryWorkflowResponse:
        """Call ``QueryWorkflow``."""
        return await self._call(
            "QueryWorkflow",
            req,
            temporalio.api.workflowservice.v1.QueryWorkflowResponse,
            retry,
            metadata,
            timeout,
        )

    async def record_activity_task_heartbeat(
        self,
        req: temporalio.api.workflowservice.v1.RecordActivityTaskHeartbeatRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RecordActivityTaskHeartbeatResponse:
        """Call ``RecordActivityTaskHeartbeat``."""
        return await self._call(
            "RecordActivityTaskHeartbeat",
            req,
            temporalio.api.workflowservice.v1.RecordActivityTaskHeartbeatResponse,
            retry,
            metadata,
            timeout,
        )

    async def record_activity_task_heartbeat_by_id(
        self,
        req: temporalio.api.workflowservice.v1.RecordActivityTaskHeartbeatByIdRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RecordActivityTaskHeartbeatByIdResponse:
        """Call ``RecordActivityTaskHeartbeatById``."""
        return await self._call(
            "RecordActivityTaskHeartbeatById",
            req,
            temporalio.api.workflowservice.v1.RecordActivityTaskHeartbeatByIdResponse,
            retry,
            metadata,
            timeout,
        )

    async def record_worker_heartbeat(
        self,
        req: temporalio.api.workflowservice.v1.RecordWorkerHeartbeatRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RecordWorkerHeartbeatResponse:
        """Call ``RecordWorkerHeartbeat``."""
        return await self._call(
            "RecordWorkerHeartbeat",
            req,
            temporalio.api.workflowservice.v1.RecordWorkerHeartbeatResponse,
            retry,
            metadata,
            timeout,
        )

    async def register_namespace(
        self,
        req: temporalio.api.workflowservice.v1.RegisterNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RegisterNamespaceResponse:
        """Call ``RegisterNamespace``."""
        return await self._call(
            "RegisterNamespace",
            req,
            temporalio.api.workflowservice.v1.RegisterNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def request_cancel_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.RequestCancelActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RequestCancelActivityExecutionResponse:
        """Call ``RequestCancelActivityExecution``."""
        return await self._call(
            "RequestCancelActivityExecution",
            req,
            temporalio.api.workflowservice.v1.RequestCancelActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def request_cancel_nexus_operation_execution(
        self,
        req: temporalio.api.workflowservice.v1.RequestCancelNexusOperationExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RequestCancelNexusOperationExecutionResponse:
        """Call ``RequestCancelNexusOperationExecution``."""
        return await self._call(
            "RequestCancelNexusOperationExecution",
            req,
            temporalio.api.workflowservice.v1.RequestCancelNexusOperationExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def request_cancel_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.RequestCancelWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RequestCancelWorkflowExecutionResponse:
        """Call ``RequestCancelWorkflowExecution``."""
        return await self._call(
            "RequestCancelWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.RequestCancelWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def reset_activity(
        self,
        req: temporalio.api.workflowservice.v1.ResetActivityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ResetActivityResponse:
        """Call ``ResetActivity``."""
        return await self._call(
            "ResetActivity",
            req,
            temporalio.api.workflowservice.v1.ResetActivityResponse,
            retry,
            metadata,
            timeout,
        )

    async def reset_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.ResetActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ResetActivityExecutionResponse:
        """Call ``ResetActivityExecution``."""
        return await self._call(
            "ResetActivityExecution",
            req,
            temporalio.api.workflowservice.v1.ResetActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def reset_sticky_task_queue(
        self,
        req: temporalio.api.workflowservice.v1.ResetStickyTaskQueueRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ResetStickyTaskQueueResponse:
        """Call ``ResetStickyTaskQueue``."""
        return await self._call(
            "ResetStickyTaskQueue",
            req,
            temporalio.api.workflowservice.v1.ResetStickyTaskQueueResponse,
            retry,
            metadata,
            timeout,
        )

    async def reset_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.ResetWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ResetWorkflowExecutionResponse:
        """Call ``ResetWorkflowExecution``."""
        return await self._call(
            "ResetWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.ResetWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_activity_task_canceled(
        self,
        req: temporalio.api.workflowservice.v1.RespondActivityTaskCanceledRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondActivityTaskCanceledResponse:
        """Call ``RespondActivityTaskCanceled``."""
        return await self._call(
            "RespondActivityTaskCanceled",
            req,
            temporalio.api.workflowservice.v1.RespondActivityTaskCanceledResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_activity_task_canceled_by_id(
        self,
        req: temporalio.api.workflowservice.v1.RespondActivityTaskCanceledByIdRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondActivityTaskCanceledByIdResponse:
        """Call ``RespondActivityTaskCanceledById``."""
        return await self._call(
            "RespondActivityTaskCanceledById",
            req,
            temporalio.api.workflowservice.v1.RespondActivityTaskCanceledByIdResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_activity_task_completed(
        self,
        req: temporalio.api.workflowservice.v1.RespondActivityTaskCompletedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondActivityTaskCompletedResponse:
        """Call ``RespondActivityTaskCompleted``."""
        return await self._call(
            "RespondActivityTaskCompleted",
            req,
            temporalio.api.workflowservice.v1.RespondActivityTaskCompletedResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_activity_task_completed_by_id(
        self,
        req: temporalio.api.workflowservice.v1.RespondActivityTaskCompletedByIdRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondActivityTaskCompletedByIdResponse:
        """Call ``RespondActivityTaskCompletedById``."""
        return await self._call(
            "RespondActivityTaskCompletedById",
            req,
            temporalio.api.workflowservice.v1.RespondActivityTaskCompletedByIdResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_activity_task_failed(
        self,
        req: temporalio.api.workflowservice.v1.RespondActivityTaskFailedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondActivityTaskFailedResponse:
        """Call ``RespondActivityTaskFailed``."""
        return await self._call(
            "RespondActivityTaskFailed",
            req,
            temporalio.api.workflowservice.v1.RespondActivityTaskFailedResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_activity_task_failed_by_id(
        self,
        req: temporalio.api.workflowservice.v1.RespondActivityTaskFailedByIdRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondActivityTaskFailedByIdResponse:
        """Call ``RespondActivityTaskFailedById``."""
        return await self._call(
            "RespondActivityTaskFailedById",
            req,
            temporalio.api.workflowservice.v1.RespondActivityTaskFailedByIdResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_nexus_task_completed(
        self,
        req: temporalio.api.workflowservice.v1.RespondNexusTaskCompletedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondNexusTaskCompletedResponse:
        """Call ``RespondNexusTaskCompleted``."""
        return await self._call(
            "RespondNexusTaskCompleted",
            req,
            temporalio.api.workflowservice.v1.RespondNexusTaskCompletedResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_nexus_task_failed(
        self,
        req: temporalio.api.workflowservice.v1.RespondNexusTaskFailedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondNexusTaskFailedResponse:
        """Call ``RespondNexusTaskFailed``."""
        return await self._call(
            "RespondNexusTaskFailed",
            req,
            temporalio.api.workflowservice.v1.RespondNexusTaskFailedResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_query_task_completed(
        self,
        req: temporalio.api.workflowservice.v1.RespondQueryTaskCompletedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondQueryTaskCompletedResponse:
        """Call ``RespondQueryTaskCompleted``."""
        return await self._call(
            "RespondQueryTaskCompleted",
            req,
            temporalio.api.workflowservice.v1.RespondQueryTaskCompletedResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_workflow_task_completed(
        self,
        req: temporalio.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondWorkflowTaskCompletedResponse:
        """Call ``RespondWorkflowTaskCompleted``."""
        return await self._call(
            "RespondWorkflowTaskCompleted",
            req,
            temporalio.api.workflowservice.v1.RespondWorkflowTaskCompletedResponse,
            retry,
            metadata,
            timeout,
        )

    async def respond_workflow_task_failed(
        self,
        req: temporalio.api.workflowservice.v1.RespondWorkflowTaskFailedRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.RespondWorkflowTaskFailedResponse:
        """Call ``RespondWorkflowTaskFailed``."""
        return await self._call(
            "RespondWorkflowTaskFailed",
            req,
            temporalio.api.workflowservice.v1.RespondWorkflowTaskFailedResponse,
            retry,
            metadata,
            timeout,
        )

    async def scan_workflow_executions(
        self,
        req: temporalio.api.workflowservice.v1.ScanWorkflowExecutionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ScanWorkflowExecutionsResponse:
        """Call ``ScanWorkflowExecutions``."""
        return await self._call(
            "ScanWorkflowExecutions",
            req,
            temporalio.api.workflowservice.v1.ScanWorkflowExecutionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_current_deployment(
        self,
        req: temporalio.api.workflowservice.v1.SetCurrentDeploymentRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.SetCurrentDeploymentResponse:
        """Call ``SetCurrentDeployment``."""
        return await self._call(
            "SetCurrentDeployment",
            req,
            temporalio.api.workflowservice.v1.SetCurrentDeploymentResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_worker_deployment_current_version(
        self,
        req: temporalio.api.workflowservice.v1.SetWorkerDeploymentCurrentVersionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.SetWorkerDeploymentCurrentVersionResponse:
        """Call ``SetWorkerDeploymentCurrentVersion``."""
        return await self._call(
            "SetWorkerDeploymentCurrentVersion",
            req,
            temporalio.api.workflowservice.v1.SetWorkerDeploymentCurrentVersionResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_worker_deployment_manager(
        self,
        req: temporalio.api.workflowservice.v1.SetWorkerDeploymentManagerRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.SetWorkerDeploymentManagerResponse:
        """Call ``SetWorkerDeploymentManager``."""
        return await self._call(
            "SetWorkerDeploymentManager",
            req,
            temporalio.api.workflowservice.v1.SetWorkerDeploymentManagerResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_worker_deployment_ramping_version(
        self,
        req: temporalio.api.workflowservice.v1.SetWorkerDeploymentRampingVersionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.SetWorkerDeploymentRampingVersionResponse:
        """Call ``SetWorkerDeploymentRampingVersion``."""
        return await self._call(
            "SetWorkerDeploymentRampingVersion",
            req,
            temporalio.api.workflowservice.v1.SetWorkerDeploymentRampingVersionResponse,
            retry,
            metadata,
            timeout,
        )

    async def shutdown_worker(
        self,
        req: temporalio.api.workflowservice.v1.ShutdownWorkerRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ShutdownWorkerResponse:
        """Call ``ShutdownWorker``."""
        return await self._call(
            "ShutdownWorker",
            req,
            temporalio.api.workflowservice.v1.ShutdownWorkerResponse,
            retry,
            metadata,
            timeout,
        )

    async def signal_with_start_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.SignalWithStartWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.SignalWithStartWorkflowExecutionResponse:
        """Call ``SignalWithStartWorkflowExecution``."""
        return await self._call(
            "SignalWithStartWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.SignalWithStartWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def signal_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.SignalWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.SignalWorkflowExecutionResponse:
        """Call ``SignalWorkflowExecution``."""
        return await self._call(
            "SignalWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.SignalWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def start_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.StartActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.StartActivityExecutionResponse:
        """Call ``StartActivityExecution``."""
        return await self._call(
            "StartActivityExecution",
            req,
            temporalio.api.workflowservice.v1.StartActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def start_batch_operation(
        self,
        req: temporalio.api.workflowservice.v1.StartBatchOperationRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.StartBatchOperationResponse:
        """Call ``StartBatchOperation``."""
        return await self._call(
            "StartBatchOperation",
            req,
            temporalio.api.workflowservice.v1.StartBatchOperationResponse,
            retry,
            metadata,
            timeout,
        )

    async def start_nexus_operation_execution(
        self,
        req: temporalio.api.workflowservice.v1.StartNexusOperationExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.StartNexusOperationExecutionResponse:
        """Call ``StartNexusOperationExecution``."""
        return await self._call(
            "StartNexusOperationExecution",
            req,
            temporalio.api.workflowservice.v1.StartNexusOperationExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def start_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.StartWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.StartWorkflowExecutionResponse:
        """Call ``StartWorkflowExecution``."""
        return await self._call(
            "StartWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.StartWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def stop_batch_operation(
        self,
        req: temporalio.api.workflowservice.v1.StopBatchOperationRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.StopBatchOperationResponse:
        """Call ``StopBatchOperation``."""
        return await self._call(
            "StopBatchOperation",
            req,
            temporalio.api.workflowservice.v1.StopBatchOperationResponse,
            retry,
            metadata,
            timeout,
        )

    async def terminate_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.TerminateActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.TerminateActivityExecutionResponse:
        """Call ``TerminateActivityExecution``."""
        return await self._call(
            "TerminateActivityExecution",
            req,
            temporalio.api.workflowservice.v1.TerminateActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def terminate_nexus_operation_execution(
        self,
        req: temporalio.api.workflowservice.v1.TerminateNexusOperationExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.TerminateNexusOperationExecutionResponse:
        """Call ``TerminateNexusOperationExecution``."""
        return await self._call(
            "TerminateNexusOperationExecution",
            req,
            temporalio.api.workflowservice.v1.TerminateNexusOperationExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def terminate_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.TerminateWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.TerminateWorkflowExecutionResponse:
        """Call ``TerminateWorkflowExecution``."""
        return await self._call(
            "TerminateWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.TerminateWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def trigger_workflow_rule(
        self,
        req: temporalio.api.workflowservice.v1.TriggerWorkflowRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.TriggerWorkflowRuleResponse:
        """Call ``TriggerWorkflowRule``."""
        return await self._call(
            "TriggerWorkflowRule",
            req,
            temporalio.api.workflowservice.v1.TriggerWorkflowRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def unpause_activity(
        self,
        req: temporalio.api.workflowservice.v1.UnpauseActivityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UnpauseActivityResponse:
        """Call ``UnpauseActivity``."""
        return await self._call(
            "UnpauseActivity",
            req,
            temporalio.api.workflowservice.v1.UnpauseActivityResponse,
            retry,
            metadata,
            timeout,
        )

    async def unpause_activity_execution(
        self,
        req: temporalio.api.workflowservice.v1.UnpauseActivityExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UnpauseActivityExecutionResponse:
        """Call ``UnpauseActivityExecution``."""
        return await self._call(
            "UnpauseActivityExecution",
            req,
            temporalio.api.workflowservice.v1.UnpauseActivityExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def unpause_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.UnpauseWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UnpauseWorkflowExecutionResponse:
        """Call ``UnpauseWorkflowExecution``."""
        return await self._call(
            "UnpauseWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.UnpauseWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_activity_execution_options(
        self,
        req: temporalio.api.workflowservice.v1.UpdateActivityExecutionOptionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateActivityExecutionOptionsResponse:
        """Call ``UpdateActivityExecutionOptions``."""
        return await self._call(
            "UpdateActivityExecutionOptions",
            req,
            temporalio.api.workflowservice.v1.UpdateActivityExecutionOptionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_activity_options(
        self,
        req: temporalio.api.workflowservice.v1.UpdateActivityOptionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateActivityOptionsResponse:
        """Call ``UpdateActivityOptions``."""
        return await self._call(
            "UpdateActivityOptions",
            req,
            temporalio.api.workflowservice.v1.UpdateActivityOptionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_namespace(
        self,
        req: temporalio.api.workflowservice.v1.UpdateNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateNamespaceResponse:
        """Call ``UpdateNamespace``."""
        return await self._call(
            "UpdateNamespace",
            req,
            temporalio.api.workflowservice.v1.UpdateNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_schedule(
        self,
        req: temporalio.api.workflowservice.v1.UpdateScheduleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateScheduleResponse:
        """Call ``UpdateSchedule``."""
        return await self._call(
            "UpdateSchedule",
            req,
            temporalio.api.workflowservice.v1.UpdateScheduleResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_task_queue_config(
        self,
        req: temporalio.api.workflowservice.v1.UpdateTaskQueueConfigRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateTaskQueueConfigResponse:
        """Call ``UpdateTaskQueueConfig``."""
        return await self._call(
            "UpdateTaskQueueConfig",
            req,
            temporalio.api.workflowservice.v1.UpdateTaskQueueConfigResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_worker_build_id_compatibility(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkerBuildIdCompatibilityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkerBuildIdCompatibilityResponse:
        """Call ``UpdateWorkerBuildIdCompatibility``."""
        return await self._call(
            "UpdateWorkerBuildIdCompatibility",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkerBuildIdCompatibilityResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_worker_config(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkerConfigRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkerConfigResponse:
        """Call ``UpdateWorkerConfig``."""
        return await self._call(
            "UpdateWorkerConfig",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkerConfigResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_worker_deployment_version_compute_config(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkerDeploymentVersionComputeConfigRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkerDeploymentVersionComputeConfigResponse:
        """Call ``UpdateWorkerDeploymentVersionComputeConfig``."""
        return await self._call(
            "UpdateWorkerDeploymentVersionComputeConfig",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkerDeploymentVersionComputeConfigResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_worker_deployment_version_metadata(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkerDeploymentVersionMetadataRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkerDeploymentVersionMetadataResponse:
        """Call ``UpdateWorkerDeploymentVersionMetadata``."""
        return await self._call(
            "UpdateWorkerDeploymentVersionMetadata",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkerDeploymentVersionMetadataResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_worker_versioning_rules(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkerVersioningRulesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkerVersioningRulesResponse:
        """Call ``UpdateWorkerVersioningRules``."""
        return await self._call(
            "UpdateWorkerVersioningRules",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkerVersioningRulesResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_workflow_execution(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkflowExecutionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkflowExecutionResponse:
        """Call ``UpdateWorkflowExecution``."""
        return await self._call(
            "UpdateWorkflowExecution",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkflowExecutionResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_workflow_execution_options(
        self,
        req: temporalio.api.workflowservice.v1.UpdateWorkflowExecutionOptionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.UpdateWorkflowExecutionOptionsResponse:
        """Call ``UpdateWorkflowExecutionOptions``."""
        return await self._call(
            "UpdateWorkflowExecutionOptions",
            req,
            temporalio.api.workflowservice.v1.UpdateWorkflowExecutionOptionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def validate_worker_deployment_version_compute_config(
        self,
        req: temporalio.api.workflowservice.v1.ValidateWorkerDeploymentVersionComputeConfigRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.workflowservice.v1.ValidateWorkerDeploymentVersionComputeConfigResponse:
        """Call ``ValidateWorkerDeploymentVersionComputeConfig``."""
        return await self._call(
            "ValidateWorkerDeploymentVersionComputeConfig",
            req,
            temporalio.api.workflowservice.v1.ValidateWorkerDeploymentVersionComputeConfigResponse,
            retry,
            metadata,
            timeout,
        )


class OperatorMethods(ServiceBase):
    """The calls of ``temporal.api.operatorservice.v1.OperatorService``."""

    _path = "/temporal.api.operatorservice.v1.OperatorService/"

    async def add_or_update_remote_cluster(
        self,
        req: temporalio.api.operatorservice.v1.AddOrUpdateRemoteClusterRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.AddOrUpdateRemoteClusterResponse:
        """Call ``AddOrUpdateRemoteCluster``."""
        return await self._call(
            "AddOrUpdateRemoteCluster",
            req,
            temporalio.api.operatorservice.v1.AddOrUpdateRemoteClusterResponse,
            retry,
            metadata,
            timeout,
        )

    async def add_search_attributes(
        self,
        req: temporalio.api.operatorservice.v1.AddSearchAttributesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.AddSearchAttributesResponse:
        """Call ``AddSearchAttributes``."""
        return await self._call(
            "AddSearchAttributes",
            req,
            temporalio.api.operatorservice.v1.AddSearchAttributesResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_nexus_endpoint(
        self,
        req: temporalio.api.operatorservice.v1.CreateNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.CreateNexusEndpointResponse:
        """Call ``CreateNexusEndpoint``."""
        return await self._call(
            "CreateNexusEndpoint",
            req,
            temporalio.api.operatorservice.v1.CreateNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_namespace(
        self,
        req: temporalio.api.operatorservice.v1.DeleteNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.DeleteNamespaceResponse:
        """Call ``DeleteNamespace``."""
        return await self._call(
            "DeleteNamespace",
            req,
            temporalio.api.operatorservice.v1.DeleteNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_nexus_endpoint(
        self,
        req: temporalio.api.operatorservice.v1.DeleteNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.DeleteNexusEndpointResponse:
        """Call ``DeleteNexusEndpoint``."""
        return await self._call(
            "DeleteNexusEndpoint",
            req,
            temporalio.api.operatorservice.v1.DeleteNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_nexus_endpoint(
        self,
        req: temporalio.api.operatorservice.v1.GetNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.GetNexusEndpointResponse:
        """Call ``GetNexusEndpoint``."""
        return await self._call(
            "GetNexusEndpoint",
            req,
            temporalio.api.operatorservice.v1.GetNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_clusters(
        self,
        req: temporalio.api.operatorservice.v1.ListClustersRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.ListClustersResponse:
        """Call ``ListClusters``."""
        return await self._call(
            "ListClusters",
            req,
            temporalio.api.operatorservice.v1.ListClustersResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_nexus_endpoints(
        self,
        req: temporalio.api.operatorservice.v1.ListNexusEndpointsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.ListNexusEndpointsResponse:
        """Call ``ListNexusEndpoints``."""
        return await self._call(
            "ListNexusEndpoints",
            req,
            temporalio.api.operatorservice.v1.ListNexusEndpointsResponse,
            retry,
            metadata,
            timeout,
        )

    async def list_search_attributes(
        self,
        req: temporalio.api.operatorservice.v1.ListSearchAttributesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.ListSearchAttributesResponse:
        """Call ``ListSearchAttributes``."""
        return await self._call(
            "ListSearchAttributes",
            req,
            temporalio.api.operatorservice.v1.ListSearchAttributesResponse,
            retry,
            metadata,
            timeout,
        )

    async def remove_remote_cluster(
        self,
        req: temporalio.api.operatorservice.v1.RemoveRemoteClusterRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.RemoveRemoteClusterResponse:
        """Call ``RemoveRemoteCluster``."""
        return await self._call(
            "RemoveRemoteCluster",
            req,
            temporalio.api.operatorservice.v1.RemoveRemoteClusterResponse,
            retry,
            metadata,
            timeout,
        )

    async def remove_search_attributes(
        self,
        req: temporalio.api.operatorservice.v1.RemoveSearchAttributesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.RemoveSearchAttributesResponse:
        """Call ``RemoveSearchAttributes``."""
        return await self._call(
            "RemoveSearchAttributes",
            req,
            temporalio.api.operatorservice.v1.RemoveSearchAttributesResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_nexus_endpoint(
        self,
        req: temporalio.api.operatorservice.v1.UpdateNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.operatorservice.v1.UpdateNexusEndpointResponse:
        """Call ``UpdateNexusEndpoint``."""
        return await self._call(
            "UpdateNexusEndpoint",
            req,
            temporalio.api.operatorservice.v1.UpdateNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )


class CloudMethods(ServiceBase):
    """The calls of ``temporal.api.cloud.cloudservice.v1.CloudService``."""

    _path = "/temporal.api.cloud.cloudservice.v1.CloudService/"

    async def add_namespace_region(
        self,
        req: temporalio.api.cloud.cloudservice.v1.AddNamespaceRegionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.AddNamespaceRegionResponse:
        """Call ``AddNamespaceRegion``."""
        return await self._call(
            "AddNamespaceRegion",
            req,
            temporalio.api.cloud.cloudservice.v1.AddNamespaceRegionResponse,
            retry,
            metadata,
            timeout,
        )

    async def add_user_group_member(
        self,
        req: temporalio.api.cloud.cloudservice.v1.AddUserGroupMemberRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.AddUserGroupMemberResponse:
        """Call ``AddUserGroupMember``."""
        return await self._call(
            "AddUserGroupMember",
            req,
            temporalio.api.cloud.cloudservice.v1.AddUserGroupMemberResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_account_audit_log_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateAccountAuditLogSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateAccountAuditLogSinkResponse:
        """Call ``CreateAccountAuditLogSink``."""
        return await self._call(
            "CreateAccountAuditLogSink",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateAccountAuditLogSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_api_key(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateApiKeyRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateApiKeyResponse:
        """Call ``CreateApiKey``."""
        return await self._call(
            "CreateApiKey",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateApiKeyResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_billing_report(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateBillingReportRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateBillingReportResponse:
        """Call ``CreateBillingReport``."""
        return await self._call(
            "CreateBillingReport",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateBillingReportResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_connectivity_rule(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateConnectivityRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateConnectivityRuleResponse:
        """Call ``CreateConnectivityRule``."""
        return await self._call(
            "CreateConnectivityRule",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateConnectivityRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_custom_role(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateCustomRoleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateCustomRoleResponse:
        """Call ``CreateCustomRole``."""
        return await self._call(
            "CreateCustomRole",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateCustomRoleResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_namespace(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateNamespaceResponse:
        """Call ``CreateNamespace``."""
        return await self._call(
            "CreateNamespace",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_namespace_export_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateNamespaceExportSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateNamespaceExportSinkResponse:
        """Call ``CreateNamespaceExportSink``."""
        return await self._call(
            "CreateNamespaceExportSink",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateNamespaceExportSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_nexus_endpoint(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateNexusEndpointResponse:
        """Call ``CreateNexusEndpoint``."""
        return await self._call(
            "CreateNexusEndpoint",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_service_account(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateServiceAccountRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateServiceAccountResponse:
        """Call ``CreateServiceAccount``."""
        return await self._call(
            "CreateServiceAccount",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateServiceAccountResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_user(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateUserRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateUserResponse:
        """Call ``CreateUser``."""
        return await self._call(
            "CreateUser",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateUserResponse,
            retry,
            metadata,
            timeout,
        )

    async def create_user_group(
        self,
        req: temporalio.api.cloud.cloudservice.v1.CreateUserGroupRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.CreateUserGroupResponse:
        """Call ``CreateUserGroup``."""
        return await self._call(
            "CreateUserGroup",
            req,
            temporalio.api.cloud.cloudservice.v1.CreateUserGroupResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_account_audit_log_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteAccountAuditLogSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteAccountAuditLogSinkResponse:
        """Call ``DeleteAccountAuditLogSink``."""
        return await self._call(
            "DeleteAccountAuditLogSink",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteAccountAuditLogSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_api_key(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteApiKeyRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteApiKeyResponse:
        """Call ``DeleteApiKey``."""
        return await self._call(
            "DeleteApiKey",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteApiKeyResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_connectivity_rule(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteConnectivityRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteConnectivityRuleResponse:
        """Call ``DeleteConnectivityRule``."""
        return await self._call(
            "DeleteConnectivityRule",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteConnectivityRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_custom_role(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteCustomRoleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteCustomRoleResponse:
        """Call ``DeleteCustomRole``."""
        return await self._call(
            "DeleteCustomRole",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteCustomRoleResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_namespace(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteNamespaceResponse:
        """Call ``DeleteNamespace``."""
        return await self._call(
            "DeleteNamespace",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_namespace_export_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteNamespaceExportSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteNamespaceExportSinkResponse:
        """Call ``DeleteNamespaceExportSink``."""
        return await self._call(
            "DeleteNamespaceExportSink",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteNamespaceExportSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_namespace_region(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteNamespaceRegionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteNamespaceRegionResponse:
        """Call ``DeleteNamespaceRegion``."""
        return await self._call(
            "DeleteNamespaceRegion",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteNamespaceRegionResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_nexus_endpoint(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteNexusEndpointResponse:
        """Call ``DeleteNexusEndpoint``."""
        return await self._call(
            "DeleteNexusEndpoint",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_service_account(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteServiceAccountRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteServiceAccountResponse:
        """Call ``DeleteServiceAccount``."""
        return await self._call(
            "DeleteServiceAccount",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteServiceAccountResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_user(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteUserRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteUserResponse:
        """Call ``DeleteUser``."""
        return await self._call(
            "DeleteUser",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteUserResponse,
            retry,
            metadata,
            timeout,
        )

    async def delete_user_group(
        self,
        req: temporalio.api.cloud.cloudservice.v1.DeleteUserGroupRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.DeleteUserGroupResponse:
        """Call ``DeleteUserGroup``."""
        return await self._call(
            "DeleteUserGroup",
            req,
            temporalio.api.cloud.cloudservice.v1.DeleteUserGroupResponse,
            retry,
            metadata,
            timeout,
        )

    async def failover_namespace_region(
        self,
        req: temporalio.api.cloud.cloudservice.v1.FailoverNamespaceRegionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.FailoverNamespaceRegionResponse:
        """Call ``FailoverNamespaceRegion``."""
        return await self._call(
            "FailoverNamespaceRegion",
            req,
            temporalio.api.cloud.cloudservice.v1.FailoverNamespaceRegionResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_account(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetAccountRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetAccountResponse:
        """Call ``GetAccount``."""
        return await self._call(
            "GetAccount",
            req,
            temporalio.api.cloud.cloudservice.v1.GetAccountResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_account_audit_log_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetAccountAuditLogSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetAccountAuditLogSinkResponse:
        """Call ``GetAccountAuditLogSink``."""
        return await self._call(
            "GetAccountAuditLogSink",
            req,
            temporalio.api.cloud.cloudservice.v1.GetAccountAuditLogSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_account_audit_log_sinks(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetAccountAuditLogSinksRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetAccountAuditLogSinksResponse:
        """Call ``GetAccountAuditLogSinks``."""
        return await self._call(
            "GetAccountAuditLogSinks",
            req,
            temporalio.api.cloud.cloudservice.v1.GetAccountAuditLogSinksResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_api_key(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetApiKeyRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetApiKeyResponse:
        """Call ``GetApiKey``."""
        return await self._call(
            "GetApiKey",
            req,
            temporalio.api.cloud.cloudservice.v1.GetApiKeyResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_api_keys(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetApiKeysRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetApiKeysResponse:
        """Call ``GetApiKeys``."""
        return await self._call(
            "GetApiKeys",
            req,
            temporalio.api.cloud.cloudservice.v1.GetApiKeysResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_async_operation(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetAsyncOperationRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetAsyncOperationResponse:
        """Call ``GetAsyncOperation``."""
        return await self._call(
            "GetAsyncOperation",
            req,
            temporalio.api.cloud.cloudservice.v1.GetAsyncOperationResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_audit_logs(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetAuditLogsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetAuditLogsResponse:
        """Call ``GetAuditLogs``."""
        return await self._call(
            "GetAuditLogs",
            req,
            temporalio.api.cloud.cloudservice.v1.GetAuditLogsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_billing_report(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetBillingReportRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetBillingReportResponse:
        """Call ``GetBillingReport``."""
        return await self._call(
            "GetBillingReport",
            req,
            temporalio.api.cloud.cloudservice.v1.GetBillingReportResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_connectivity_rule(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetConnectivityRuleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetConnectivityRuleResponse:
        """Call ``GetConnectivityRule``."""
        return await self._call(
            "GetConnectivityRule",
            req,
            temporalio.api.cloud.cloudservice.v1.GetConnectivityRuleResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_connectivity_rules(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetConnectivityRulesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetConnectivityRulesResponse:
        """Call ``GetConnectivityRules``."""
        return await self._call(
            "GetConnectivityRules",
            req,
            temporalio.api.cloud.cloudservice.v1.GetConnectivityRulesResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_current_identity(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetCurrentIdentityRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetCurrentIdentityResponse:
        """Call ``GetCurrentIdentity``."""
        return await self._call(
            "GetCurrentIdentity",
            req,
            temporalio.api.cloud.cloudservice.v1.GetCurrentIdentityResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_custom_role(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetCustomRoleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetCustomRoleResponse:
        """Call ``GetCustomRole``."""
        return await self._call(
            "GetCustomRole",
            req,
            temporalio.api.cloud.cloudservice.v1.GetCustomRoleResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_custom_roles(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetCustomRolesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetCustomRolesResponse:
        """Call ``GetCustomRoles``."""
        return await self._call(
            "GetCustomRoles",
            req,
            temporalio.api.cloud.cloudservice.v1.GetCustomRolesResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_namespace(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNamespaceResponse:
        """Call ``GetNamespace``."""
        return await self._call(
            "GetNamespace",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_namespace_capacity_info(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNamespaceCapacityInfoRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNamespaceCapacityInfoResponse:
        """Call ``GetNamespaceCapacityInfo``."""
        return await self._call(
            "GetNamespaceCapacityInfo",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNamespaceCapacityInfoResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_namespace_export_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNamespaceExportSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNamespaceExportSinkResponse:
        """Call ``GetNamespaceExportSink``."""
        return await self._call(
            "GetNamespaceExportSink",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNamespaceExportSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_namespace_export_sinks(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNamespaceExportSinksRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNamespaceExportSinksResponse:
        """Call ``GetNamespaceExportSinks``."""
        return await self._call(
            "GetNamespaceExportSinks",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNamespaceExportSinksResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_namespaces(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNamespacesRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNamespacesResponse:
        """Call ``GetNamespaces``."""
        return await self._call(
            "GetNamespaces",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNamespacesResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_nexus_endpoint(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNexusEndpointResponse:
        """Call ``GetNexusEndpoint``."""
        return await self._call(
            "GetNexusEndpoint",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_nexus_endpoints(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetNexusEndpointsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetNexusEndpointsResponse:
        """Call ``GetNexusEndpoints``."""
        return await self._call(
            "GetNexusEndpoints",
            req,
            temporalio.api.cloud.cloudservice.v1.GetNexusEndpointsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_region(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetRegionRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetRegionResponse:
        """Call ``GetRegion``."""
        return await self._call(
            "GetRegion",
            req,
            temporalio.api.cloud.cloudservice.v1.GetRegionResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_regions(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetRegionsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetRegionsResponse:
        """Call ``GetRegions``."""
        return await self._call(
            "GetRegions",
            req,
            temporalio.api.cloud.cloudservice.v1.GetRegionsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_service_account(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetServiceAccountRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetServiceAccountResponse:
        """Call ``GetServiceAccount``."""
        return await self._call(
            "GetServiceAccount",
            req,
            temporalio.api.cloud.cloudservice.v1.GetServiceAccountResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_service_account_namespace_assignments(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetServiceAccountNamespaceAssignmentsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetServiceAccountNamespaceAssignmentsResponse:
        """Call ``GetServiceAccountNamespaceAssignments``."""
        return await self._call(
            "GetServiceAccountNamespaceAssignments",
            req,
            temporalio.api.cloud.cloudservice.v1.GetServiceAccountNamespaceAssignmentsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_service_accounts(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetServiceAccountsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetServiceAccountsResponse:
        """Call ``GetServiceAccounts``."""
        return await self._call(
            "GetServiceAccounts",
            req,
            temporalio.api.cloud.cloudservice.v1.GetServiceAccountsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_usage(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUsageRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUsageResponse:
        """Call ``GetUsage``."""
        return await self._call(
            "GetUsage",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUsageResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_user(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUserRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUserResponse:
        """Call ``GetUser``."""
        return await self._call(
            "GetUser",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUserResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_user_group(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUserGroupRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUserGroupResponse:
        """Call ``GetUserGroup``."""
        return await self._call(
            "GetUserGroup",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUserGroupResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_user_group_members(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUserGroupMembersRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUserGroupMembersResponse:
        """Call ``GetUserGroupMembers``."""
        return await self._call(
            "GetUserGroupMembers",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUserGroupMembersResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_user_group_namespace_assignments(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUserGroupNamespaceAssignmentsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUserGroupNamespaceAssignmentsResponse:
        """Call ``GetUserGroupNamespaceAssignments``."""
        return await self._call(
            "GetUserGroupNamespaceAssignments",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUserGroupNamespaceAssignmentsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_user_groups(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUserGroupsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUserGroupsResponse:
        """Call ``GetUserGroups``."""
        return await self._call(
            "GetUserGroups",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUserGroupsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_user_namespace_assignments(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUserNamespaceAssignmentsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUserNamespaceAssignmentsResponse:
        """Call ``GetUserNamespaceAssignments``."""
        return await self._call(
            "GetUserNamespaceAssignments",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUserNamespaceAssignmentsResponse,
            retry,
            metadata,
            timeout,
        )

    async def get_users(
        self,
        req: temporalio.api.cloud.cloudservice.v1.GetUsersRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.GetUsersResponse:
        """Call ``GetUsers``."""
        return await self._call(
            "GetUsers",
            req,
            temporalio.api.cloud.cloudservice.v1.GetUsersResponse,
            retry,
            metadata,
            timeout,
        )

    async def remove_user_group_member(
        self,
        req: temporalio.api.cloud.cloudservice.v1.RemoveUserGroupMemberRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.RemoveUserGroupMemberResponse:
        """Call ``RemoveUserGroupMember``."""
        return await self._call(
            "RemoveUserGroupMember",
            req,
            temporalio.api.cloud.cloudservice.v1.RemoveUserGroupMemberResponse,
            retry,
            metadata,
            timeout,
        )

    async def rename_custom_search_attribute(
        self,
        req: temporalio.api.cloud.cloudservice.v1.RenameCustomSearchAttributeRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.RenameCustomSearchAttributeResponse:
        """Call ``RenameCustomSearchAttribute``."""
        return await self._call(
            "RenameCustomSearchAttribute",
            req,
            temporalio.api.cloud.cloudservice.v1.RenameCustomSearchAttributeResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_service_account_namespace_access(
        self,
        req: temporalio.api.cloud.cloudservice.v1.SetServiceAccountNamespaceAccessRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.SetServiceAccountNamespaceAccessResponse:
        """Call ``SetServiceAccountNamespaceAccess``."""
        return await self._call(
            "SetServiceAccountNamespaceAccess",
            req,
            temporalio.api.cloud.cloudservice.v1.SetServiceAccountNamespaceAccessResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_user_group_namespace_access(
        self,
        req: temporalio.api.cloud.cloudservice.v1.SetUserGroupNamespaceAccessRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.SetUserGroupNamespaceAccessResponse:
        """Call ``SetUserGroupNamespaceAccess``."""
        return await self._call(
            "SetUserGroupNamespaceAccess",
            req,
            temporalio.api.cloud.cloudservice.v1.SetUserGroupNamespaceAccessResponse,
            retry,
            metadata,
            timeout,
        )

    async def set_user_namespace_access(
        self,
        req: temporalio.api.cloud.cloudservice.v1.SetUserNamespaceAccessRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.SetUserNamespaceAccessResponse:
        """Call ``SetUserNamespaceAccess``."""
        return await self._call(
            "SetUserNamespaceAccess",
            req,
            temporalio.api.cloud.cloudservice.v1.SetUserNamespaceAccessResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_account(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateAccountRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateAccountResponse:
        """Call ``UpdateAccount``."""
        return await self._call(
            "UpdateAccount",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateAccountResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_account_audit_log_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateAccountAuditLogSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateAccountAuditLogSinkResponse:
        """Call ``UpdateAccountAuditLogSink``."""
        return await self._call(
            "UpdateAccountAuditLogSink",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateAccountAuditLogSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_api_key(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateApiKeyRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateApiKeyResponse:
        """Call ``UpdateApiKey``."""
        return await self._call(
            "UpdateApiKey",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateApiKeyResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_custom_role(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateCustomRoleRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateCustomRoleResponse:
        """Call ``UpdateCustomRole``."""
        return await self._call(
            "UpdateCustomRole",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateCustomRoleResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_namespace(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateNamespaceRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateNamespaceResponse:
        """Call ``UpdateNamespace``."""
        return await self._call(
            "UpdateNamespace",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateNamespaceResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_namespace_export_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateNamespaceExportSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateNamespaceExportSinkResponse:
        """Call ``UpdateNamespaceExportSink``."""
        return await self._call(
            "UpdateNamespaceExportSink",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateNamespaceExportSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_namespace_tags(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateNamespaceTagsRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateNamespaceTagsResponse:
        """Call ``UpdateNamespaceTags``."""
        return await self._call(
            "UpdateNamespaceTags",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateNamespaceTagsResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_nexus_endpoint(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateNexusEndpointRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateNexusEndpointResponse:
        """Call ``UpdateNexusEndpoint``."""
        return await self._call(
            "UpdateNexusEndpoint",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateNexusEndpointResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_service_account(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateServiceAccountRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateServiceAccountResponse:
        """Call ``UpdateServiceAccount``."""
        return await self._call(
            "UpdateServiceAccount",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateServiceAccountResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_user(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateUserRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateUserResponse:
        """Call ``UpdateUser``."""
        return await self._call(
            "UpdateUser",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateUserResponse,
            retry,
            metadata,
            timeout,
        )

    async def update_user_group(
        self,
        req: temporalio.api.cloud.cloudservice.v1.UpdateUserGroupRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.UpdateUserGroupResponse:
        """Call ``UpdateUserGroup``."""
        return await self._call(
            "UpdateUserGroup",
            req,
            temporalio.api.cloud.cloudservice.v1.UpdateUserGroupResponse,
            retry,
            metadata,
            timeout,
        )

    async def validate_account_audit_log_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.ValidateAccountAuditLogSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.ValidateAccountAuditLogSinkResponse:
        """Call ``ValidateAccountAuditLogSink``."""
        return await self._call(
            "ValidateAccountAuditLogSink",
            req,
            temporalio.api.cloud.cloudservice.v1.ValidateAccountAuditLogSinkResponse,
            retry,
            metadata,
            timeout,
        )

    async def validate_namespace_export_sink(
        self,
        req: temporalio.api.cloud.cloudservice.v1.ValidateNamespaceExportSinkRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.cloud.cloudservice.v1.ValidateNamespaceExportSinkResponse:
        """Call ``ValidateNamespaceExportSink``."""
        return await self._call(
            "ValidateNamespaceExportSink",
            req,
            temporalio.api.cloud.cloudservice.v1.ValidateNamespaceExportSinkResponse,
            retry,
            metadata,
            timeout,
        )


class TestMethods(ServiceBase):
    """The calls of ``temporal.api.testservice.v1.TestService``."""

    _path = "/temporal.api.testservice.v1.TestService/"

    async def get_current_time(
        self,
        req: temporalio.service._well_known.Empty,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.testservice.v1.GetCurrentTimeResponse:
        """Call ``GetCurrentTime``."""
        return await self._call(
            "GetCurrentTime",
            req,
            temporalio.api.testservice.v1.GetCurrentTimeResponse,
            retry,
            metadata,
            timeout,
        )

    async def lock_time_skipping(
        self,
        req: temporalio.api.testservice.v1.LockTimeSkippingRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.testservice.v1.LockTimeSkippingResponse:
        """Call ``LockTimeSkipping``."""
        return await self._call(
            "LockTimeSkipping",
            req,
            temporalio.api.testservice.v1.LockTimeSkippingResponse,
            retry,
            metadata,
            timeout,
        )

    async def sleep(
        self,
        req: temporalio.api.testservice.v1.SleepRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.testservice.v1.SleepResponse:
        """Call ``Sleep``."""
        return await self._call(
            "Sleep", req, temporalio.api.testservice.v1.SleepResponse, retry, metadata, timeout
        )

    async def sleep_until(
        self,
        req: temporalio.api.testservice.v1.SleepUntilRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.testservice.v1.SleepResponse:
        """Call ``SleepUntil``."""
        return await self._call(
            "SleepUntil", req, temporalio.api.testservice.v1.SleepResponse, retry, metadata, timeout
        )

    async def unlock_time_skipping(
        self,
        req: temporalio.api.testservice.v1.UnlockTimeSkippingRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.testservice.v1.UnlockTimeSkippingResponse:
        """Call ``UnlockTimeSkipping``."""
        return await self._call(
            "UnlockTimeSkipping",
            req,
            temporalio.api.testservice.v1.UnlockTimeSkippingResponse,
            retry,
            metadata,
            timeout,
        )

    async def unlock_time_skipping_with_sleep(
        self,
        req: temporalio.api.testservice.v1.SleepRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.api.testservice.v1.SleepResponse:
        """Call ``UnlockTimeSkippingWithSleep``."""
        return await self._call(
            "UnlockTimeSkippingWithSleep",
            req,
            temporalio.api.testservice.v1.SleepResponse,
            retry,
            metadata,
            timeout,
        )


class HealthMethods(ServiceBase):
    """The calls of ``grpc.health.v1.Health``."""

    _path = "/grpc.health.v1.Health/"

    async def check(
        self,
        req: temporalio.bridge.proto.health.v1.HealthCheckRequest,
        retry: bool = False,
        metadata: Mapping[str, str | bytes] = {},
        timeout: timedelta | None = None,
    ) -> temporalio.bridge.proto.health.v1.HealthCheckResponse:
        """Call ``Check``."""
        return await self._call(
            "Check",
            req,
            temporalio.bridge.proto.health.v1.HealthCheckResponse,
            retry,
            metadata,
            timeout,
        )
