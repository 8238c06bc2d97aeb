//! What is known of the namespaces that workers use.

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::OnceCell;
use tonic::{Code, Status};

use crate::protos::workflowservice::v1::DescribeNamespaceResponse;

/// Descriptions by namespace, each asked for once however many workers want it.
#[derive(Default)]
pub(super) struct Namespaces {
    known: DashMap<String, Arc<OnceCell<DescribeNamespaceResponse>>>,
}

impl Namespaces {
    /// The description of a namespace, from `ask` unless it is known. Errors are not kept, except
    /// that a server which does not know the call will not learn it: it describes nothing.
    pub(super) async fn describe<F>(
        &self,
        namespace: &str,
        ask: F,
    ) -> Result<DescribeNamespaceResponse, Status>
    where
        F: Future<Output = Result<DescribeNamespaceResponse, Status>>,
    {
        // Cloned out, so that no shard of the map is locked while waiting.
        let cell = Arc::clone(&self.known.entry(namespace.to_owned()).or_default());
        let described = cell
            .get_or_try_init(async || match ask.await {
                Err(status) if status.code() == Code::Unimplemented => Ok(Default::default()),
                answer => answer,
            })
            .await;
        described.cloned()
    }
}
