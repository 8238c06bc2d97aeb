"""The expressions of the golden cases; see ``golden_cases.py`` for the functions they call."""

from __future__ import annotations

ENCODED = """
encode()
encode(None)
encode(b"")
encode(b"bytes", bytearray(b"abc"))
encode("", "text", "ünïcode 🎉", "quote\\" slash/ \\n")
encode(0, -1, 2**63, 2**100, 1.0, 1.5, 1e300, True, False)
encode(float("nan"), float("inf"))
encode([], [1, [2, None]], (1, 2), {"b": 1, "a": {"d": 1, "c": 2}})
encode({1: "a", 2.5: "b", True: "c", None: "d"})
encode({1: "a", 3: "b"}, {Color.RED: 1}, {None: 1}, {1.5: 2}, {False: 1})
encode({Size.SMALL: 1})
encode({(1, 2): 3})
encode({1, 2}, frozenset([3]), collections.deque([1, 2]), range(3))
encode(x for x in [1, 2])
encode(Point(1), Deep("n", [Point(1)], {"k": Point(2, 3)}), Tree(1, [Tree(2)]), Restored(4))
encode(Deep("n", [], {}, Point(1), Color.GREEN, datetime(2020, 1, 2, 3, 4, 5, 6), uuid.UUID(int=5)))
encode(Box(Point(1)), [Point(1)], {"p": Point(2)})
encode(Point)
encode(Color.RED, Size.SMALL, Number.ONE)
encode(Plain.A)
encode(datetime(2020, 1, 2), datetime(2020, 1, 2, tzinfo=timezone.utc))
encode(datetime(2020, 1, 2).date())
encode(timedelta(seconds=1))
encode(uuid.UUID(int=1), MyUUID(int=2))
encode(Modelish("m"), [Modelish("n")])
encode(Text("text"))
encode(Opaque())
encode(RetryPolicy())
encode(BoolValue(value=True), Duration(seconds=5), Payload(metadata={"b": b"1", "a": b"2"}))
encode(RawValue(Payload(metadata={"encoding": b"mine"}, data=b"raw")))
encode([RawValue(Payload(data=b"raw"))])
converter.to_payload({"k": [1]})
converter.to_payloads_wrapper([1, "a"])
BinaryProtoPayloadConverter().to_payload(Duration(seconds=5))
BinaryProtoPayloadConverter().to_payload(1)
JSONPlainPayloadConverter(encoding="json/other").to_payload(Point(1))
JSONPlainPayloadConverter(encoder=None).to_payload({"b": 1, "a": 2})
JSONPlainPayloadConverter(encoder=None).to_payload(Point(1))
list(DefaultPayloadConverter().converters)
DefaultPayloadConverter().get_converters_with_context(WorkflowSerializationContext("n", "w"))
"""

DECODED = """
decode(None, "", "binary/null")
decode(int, "", "binary/null")
decode(None, "x", "binary/null")
decode(str, "abc", "binary/plain")
decode(None, "abc", "unknown/encoding")
decode(None, "{", "json/plain")
decode(None, "", "json/plain")
decode(int, "null")
decode(None, "{\\"a\\": [1, 2.5, null, true]}")
decode(Duration, "\\"5s\\"", "json/protobuf", "google.protobuf.Duration")
decode(Duration, "\\"5\\"", "json/protobuf", "google.protobuf.Duration")
decode(Duration, "{}", "json/protobuf", "no.such.Message")
decode(None, "{\\"unknown\\": 1}", "json/protobuf", "temporal.api.common.v1.Payload")
decode(None, "\\x08\\x05", "binary/protobuf", "google.protobuf.Duration")
decode(None, "\\x08", "binary/protobuf", "google.protobuf.Duration")
decode(RawValue, "anything", "unknown/encoding").payload
JSONProtoPayloadConverter(True).from_payload(Payload(data=b'{"x": 1}', metadata={"messageType": b"temporal.api.common.v1.Payload"}))
converter.from_payloads([])
converter.from_payloads(encode(1, "a"), None)
converter.from_payloads(encode(1, Point(2)), [float, Point])
converter.from_payloads_wrapper(None)
converter.from_payloads_wrapper(converter.to_payloads_wrapper([]))
converter.from_payloads_wrapper(converter.to_payloads_wrapper([1, b"2"]))
roundtrip(Deep, Deep("n", [Point(1)], {"k": Point(2, 3)}, Point(4), Color.GREEN, datetime(2020, 1, 2, 3), uuid.UUID(int=5)))
roundtrip(Tree, Tree(1, [Tree(2, [Tree(3)]), Tree(4)]))
roundtrip(Restored, Restored(4))
roundtrip(typing.Set[int], {1, 2})
roundtrip(bytes, [1, 2])
"""

# A hint and what JSON gives.
TYPED = """
Any, {"a": 1}
Any, None
datetime, "2020-01-02T03:04:05Z"
datetime, "2020-01-02T03:04:05.123456+02:00"
datetime, "2020-01-02"
datetime, "nonsense"
datetime, 5
datetime, datetime(2020, 1, 1)
int, 1
int, 1.9
int, True
int, "1"
int, None
float, 1
float, 1.5
float, "1.5"
bool, True
bool, 1
bool, "true"
str, "a"
str, 1
str, None
str, Text("sub")
bytes, [1, 2, 3]
bytes, b"abc"
bytes, "abc"
bytes, 5
bytes, [300]
type(None), None
type(None), 0
UserId, 5
UserId, "5"
Tags, ["a"]
Tags, [1]
Literal["a", 1], "a"
Literal["a", 1], 1
Literal["a", 1], True
Literal["a", 1], "b"
Literal["a", 1], []
Optional[int], None
Optional[int], 5
Optional[int], "5"
Union[int, str], "5"
Union[int, float], 1.5
Union[float, int], 1
Union[float, int], 1.5
Union[str, int, None], None
int | float, 2.5
float | int, 2
list[int | float], [1.5, 2]
list[float | int], [1.5, 2]
int | None, None
Point | None, {"x": 1}
Point | Tree, {"value": 1}
Union[Tree, Point], {"x": 1, "y": 2}
Union[Restored, Point], {"given": 1, "computed": "not a number", "x": 5}
Union[typing.List[int], typing.List[str]], ["a"]
Union[typing.Dict[str, int], typing.List[int]], [1]
dict, {"a": 1}
dict, []
dict, None
typing.Dict, {"a": 1}
typing.Dict[str, int], {"a": 1, "b": 2.5}
typing.Dict[str, int], {"a": "x"}
typing.Dict[str, Any], {"a": "x"}
typing.Dict[int, str], {"1": "a", "-2": "b"}
typing.Dict[int, str], {"x": "a"}
typing.Dict[float, str], {"1.5": "a", "nan": "b"}
typing.Dict[bool, str], {"true": "a", "false": "b"}
typing.Dict[bool, str], {"True": "a"}
typing.Dict[type(None), str], {"null": "a"}
typing.Dict[type(None), str], {"None": "a"}
typing.Dict[Color, str], {"1": "a"}
typing.Dict[Color, str], {"9": "a"}
typing.Dict[Number, str], {"1": "a"}
typing.Dict[Size, str], {"s": "a"}
typing.Dict[uuid.UUID, int], {"00000000-0000-0000-0000-000000000001": 1}
typing.Dict[datetime, int], {"2020-01-01T00:00:00": 1}
typing.Dict[UserId, int], {"1": 1}
typing.Dict[Optional[int], int], {"1": 1}
typing.Dict[str, Point], {"a": {"x": 1}}
typing.Dict[str, typing.Dict[int, Point]], {"a": {"1": {"x": 1}}}
typing.Dict[T, T], {"a": 1}
dict[str, int], {"a": 1}
Mapping[str, int], {"a": 1}
Mapping, {"a": 1}
MutableMapping[int, int], {"1": 1}
collections.OrderedDict, {"a": 1}
typing.OrderedDict[str, int], {"b": 1, "a": 2}
collections.defaultdict, {"a": 1}
Movie, {"title": "t", "year": 1}
Movie, {"title": "t", "year": 1, "more": [1]}
Movie, {"title": "t"}
Movie, {"title": 5, "year": 1}
Movie, []
PartialMovie, {"rating": 1}
PartialMovie, {}
Point, {"x": 1}
Point, {"x": 1, "y": 2, "z": 3}
Point, {"y": 2}
Point, {"x": "a"}
Point, {"x": None}
Point, [1]
Point, None
Restored, {"given": 2, "computed": 99}
Restored, {"given": 2}
Restored, {"given": 2, "computed": "x"}
Deep, {"name": "n", "points": [{"x": 1}], "by_name": {"a": {"x": 2}}, "color": 2, "when": "2020-01-01T00:00:00Z"}
Deep, {"name": "n", "points": [{"x": "bad"}], "by_name": {}}
Box, {"content": 1}
Box[int], {"content": 1}
Unresolvable, {"missing": 1}
Union[Unresolvable, Point], {"x": 1}
Parsed, {"name": "n"}
Parsed, "n"
Modelish, {"name": "n"}
Color, 2
Color, 9
Color, "1"
Color, True
Number, 1
Size, "l"
Size, "x"
Size, 1
Plain, "a"
uuid.UUID, "00000000-0000-0000-0000-000000000001"
uuid.UUID, "x"
uuid.UUID, None
MyUUID, "00000000-0000-0000-0000-000000000001"
list, [1, "a"]
list, "ab"
list, {"a": 1}
list, 5
typing.List, [1]
typing.List[int], [1, 2.5]
typing.List[int], ["a"]
typing.List[int], "12"
typing.List[str], "ab"
typing.List[Any], [1, "a"]
typing.List[T], [1, "a"]
typing.List[Point], [{"x": 1}]
typing.List[typing.List[int]], [[1], []]
list[Optional[int]], [1, None]
Sequence[int], [1]
Iterable[int], [1]
Iterable, [1]
set, [1, 1, 2]
typing.Set[int], [1, 2.0]
typing.FrozenSet[str], ["a"]
frozenset[str], ["a"]
collections.deque, [1]
typing.Deque[int], [1, 2]
typing.Set[typing.List[int]], [[1]]
typing.Tuple, [1, 2]
tuple, [1, 2]
typing.Tuple[int, str], [1, "a"]
typing.Tuple[int, str], [1]
typing.Tuple[int, str], [1, "a", 2]
typing.Tuple[int, str], [1, 2]
typing.Tuple[int, ...], [1, 2, 3]
typing.Tuple[int, ...], []
typing.Tuple[int, ...], ["a"]
typing.Tuple[()], []
tuple[int, ...], [1, 2]
Text, "abc"
str | bytes, [1]
Opaque, {}
object, 1
T, 1
typing.Annotated[int, "note"], 1
typing.Type[int], 1
typing.Callable[[], int], 1
complex, 1
int, "5", FahrenheitConverter()
typing.List[int], ["5", "6"], FahrenheitConverter()
Point, {"x": "5", "y": 1}, FahrenheitConverter()
typing.Dict[int, int], {"5": "6"}, FahrenheitConverter()
Optional[str], "null", FahrenheitConverter()
Union[int, str], None, FahrenheitConverter()
"""

FAILURES = """
failure_of(ValueError("boom"))
failure_of(ValueError())
failure_of(CustomError("a", "b"))
failure_of(raise_plain)
failure_of(raise_with_cause)
failure_of(raise_plain_in_context)
failure_of(raise_application_with_cause)
failure_of(raise_application_in_context)
failure_of(raise_application_without_context)
failure_of(raise_with_cause, encoded_attributes)
failure_of(CustomApplicationError())
failure_of(ApplicationError("m"))
failure_of(ApplicationError(""))
failure_of(ApplicationError("m", 1, {"b": 1, "a": 2}, b"x", None, type="T", non_retryable=True, next_retry_delay=timedelta(seconds=1.5), category=ApplicationErrorCategory.BENIGN))
failure_of(ApplicationError("m", next_retry_delay=timedelta()))
failure_of(ApplicationError("m", Point(1)), encoded_attributes)
failure_of(ApplicationError("m", Opaque()))
failure_of(CancelledError())
failure_of(CancelledError("c", 1, "two"))
failure_of(TerminatedError("t", 1))
failure_of(TimeoutError("t", type=TimeoutType.HEARTBEAT, last_heartbeat_details=[1, "a"]))
failure_of(TimeoutError("t", type=None, last_heartbeat_details=[]))
failure_of(ServerError("s", non_retryable=True))
failure_of(with_cause(ActivityError("a", scheduled_event_id=1, started_event_id=2, identity="i", activity_type="t", activity_id="5", retry_state=RetryState.TIMEOUT), CancelledError()))
failure_of(ActivityError("a", scheduled_event_id=1, started_event_id=2, identity="i", activity_type="t", activity_id="5", retry_state=None))
failure_of(with_cause(ChildWorkflowError("c", namespace="n", workflow_id="w", run_id="r", workflow_type="t", initiated_event_id=1, started_event_id=2, retry_state=RetryState.MAXIMUM_ATTEMPTS_REACHED), ValueError("v")))
failure_of(NexusOperationError("n", scheduled_event_id=1, endpoint="e", service="s", operation="o", operation_token="t"))
failure_of(WorkflowAlreadyStartedError("w", "t", run_id="r"))
failure_of(FailureError("plain failure"))
failure_of(create_payload_validation_error(None))
failure_of(create_payload_validation_error({"field": "x"}))
failure_of(asyncio.CancelledError())
failure_of(raise_handler_error)
failure_of(nexusrpc.HandlerError("h", type=nexusrpc.HandlerErrorType.INTERNAL, stack_trace="trace"))
failure_of(nexusrpc.HandlerError("h", type="NO_SUCH", retryable_override=False))
failure_of(error_of(failure_of(raise_handler_error)))
failure_of(error_of(failure_of(raise_with_cause)))
failure_of(error_of(failure_of(raise_with_cause, encoded_attributes)), encoded_attributes)
failure_of(with_cause(ApplicationError("new"), error_of({"message": "old", "source": "GoSDK", "stackTrace": "go trace", "serverFailureInfo": {}})))
error_of({})
error_of({"message": "m"})
error_of({"message": "m", "source": "JavaSDK", "resetWorkflowFailureInfo": {}})
error_of({"applicationFailureInfo": {}})
error_of({"message": "m", "applicationFailureInfo": {"type": "T", "nonRetryable": True, "nextRetryDelay": "5s", "category": "APPLICATION_ERROR_CATEGORY_BENIGN", "details": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "WzFd"}]}}})
error_of({"timeoutFailureInfo": {"timeoutType": "TIMEOUT_TYPE_START_TO_CLOSE"}})
error_of({"message": "m", "timeoutFailureInfo": {"lastHeartbeatDetails": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "WzFd"}]}}})
error_of({"canceledFailureInfo": {}})
error_of({"message": "m", "canceledFailureInfo": {"details": {"payloads": [{"metadata": {"encoding": "YmluYXJ5L251bGw="}}]}}})
error_of({"terminatedFailureInfo": {}})
error_of({"serverFailureInfo": {"nonRetryable": True}})
error_of({"activityFailureInfo": {"scheduledEventId": 5, "startedEventId": 6, "identity": "i", "activityType": {"name": "t"}, "activityId": "5", "retryState": "RETRY_STATE_TIMEOUT"}, "cause": {"message": "c", "applicationFailureInfo": {"type": "T"}, "cause": {"message": "root"}}})
error_of({"activityFailureInfo": {}})
error_of({"childWorkflowExecutionFailureInfo": {"namespace": "n", "workflowExecution": {"workflowId": "w", "runId": "r"}, "workflowType": {"name": "t"}, "initiatedEventId": 5, "startedEventId": 6, "retryState": "RETRY_STATE_IN_PROGRESS"}})
error_of({"nexusOperationExecutionFailureInfo": {"scheduledEventId": 5, "endpoint": "e", "service": "s", "operation": "o", "operationToken": "t"}})
error_of({"nexusHandlerFailureInfo": {"type": "BAD_REQUEST", "retryBehavior": "NEXUS_HANDLER_ERROR_RETRY_BEHAVIOR_NON_RETRYABLE"}, "stackTrace": "s"})
error_of({"message": "m", "nexusHandlerFailureInfo": {"type": "UNHEARD_OF"}, "cause": {"message": "c"}})
error_of({"message": "Encoded failure", "applicationFailureInfo": {}, "encodedAttributes": {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "eyJtZXNzYWdlIjoiaGlkZGVuIiwic3RhY2tfdHJhY2UiOiJ0cmFjZSJ9"}})
error_of({"message": "Encoded failure", "applicationFailureInfo": {}, "encodedAttributes": {"metadata": {"encoding": "YmluYXJ5L2VuY3J5cHRlZA=="}, "data": "AAAA"}})
error_of({"message": "Encoded failure", "applicationFailureInfo": {}, "encodedAttributes": {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "WzFd"}})
"""

SEARCH_ATTRIBUTES = """
search_attributes({})
search_attributes({"a": ["x"], "b": [1, 2], "c": [True], "d": [1.5], "e": []})
search_attributes({"a": [datetime(2020, 1, 2, tzinfo=timezone.utc)]})
search_attributes({"a": [datetime(2020, 1, 2)]})
search_attributes({"a": "not a list"})
search_attributes({"a": [1, "x"]})
search_attributes({"a": [1, True]})
search_attributes({"a": [b"x"]})
search_attributes({"a": ["x", datetime(2020, 1, 2, tzinfo=timezone.utc)]})
search_attributes(TypedSearchAttributes.empty)
search_attributes(TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_keyword_list("l"), ["a", "b"]), SearchAttributePair(SearchAttributeKey.for_int("i"), 5)]))
encode_typed_search_attribute_value(SearchAttributeKey.for_text("k"), "v")
encode_typed_search_attribute_value(SearchAttributeKey.for_keyword("k"), "v")
encode_typed_search_attribute_value(SearchAttributeKey.for_int("k"), 5)
encode_typed_search_attribute_value(SearchAttributeKey.for_int("k"), True)
encode_typed_search_attribute_value(SearchAttributeKey.for_int("k"), "5")
encode_typed_search_attribute_value(SearchAttributeKey.for_float("k"), 5.0)
encode_typed_search_attribute_value(SearchAttributeKey.for_float("k"), 5)
encode_typed_search_attribute_value(SearchAttributeKey.for_bool("k"), True)
encode_typed_search_attribute_value(SearchAttributeKey.for_bool("k"), 1)
encode_typed_search_attribute_value(SearchAttributeKey.for_datetime("k"), datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc))
encode_typed_search_attribute_value(SearchAttributeKey.for_datetime("k"), datetime(2020, 1, 2))
encode_typed_search_attribute_value(SearchAttributeKey.for_keyword_list("k"), ["a", "b"])
encode_typed_search_attribute_value(SearchAttributeKey.for_keyword_list("k"), ("a",))
encode_typed_search_attribute_value(SearchAttributeKey.for_keyword_list("k"), ["a", 1])
encode_typed_search_attribute_value(SearchAttributeKey.for_keyword_list("k"), "abc")
encode_typed_search_attribute_value(SearchAttributeKey.for_keyword_list("k"), None)
sorted(decode_search_attributes(indexed(a=("Keyword", '"x"'), b=("Int", "[1, 2]"), c=("Datetime", '"2020-01-02T03:04:05Z"'), d=(None, "null"))).items())
decode_search_attributes(indexed(c=("Datetime", '["2020-01-02T03:04:05Z", "2021-01-02T03:04:05Z"]')))
decode_typed_search_attributes(indexed(a=("Keyword", '"x"'), b=("Int", "1"), c=("Datetime", '"2020-01-02T03:04:05Z"'), d=("Bool", "false"), e=("Double", "1.5"), f=("Text", '""'), g=("KeywordList", '["a"]')))
decode_typed_search_attributes(indexed(a=("INDEXED_VALUE_TYPE_KEYWORD", '"x"'), b=("INDEXED_VALUE_TYPE_KEYWORD_LIST", '["x"]')))
decode_typed_search_attributes(indexed(a=("Double", "5"), b=("Double", "[5]"), c=("Double", "true")))
decode_typed_search_attributes(indexed(a=("Keyword", '["x"]'), b=("Keyword", '["x", "y"]'), c=("Keyword", "[]"), d=("Keyword", "5")))
decode_typed_search_attributes(indexed(a=(None, '"x"'), b=("Strange", '"x"'), c=("Int", "null"), d=("KeywordList", '"x"')))
decode_typed_search_attributes(indexed(a=("Datetime", '"nonsense"')))
SearchAttributeKey._guess_from_untyped_values("k", [])
SearchAttributeKey._guess_from_untyped_values("k", ["a"])
SearchAttributeKey._guess_from_untyped_values("k", ["a", "b"])
SearchAttributeKey._guess_from_untyped_values("k", [1])
SearchAttributeKey._guess_from_untyped_values("k", [1, 2])
SearchAttributeKey._guess_from_untyped_values("k", [1.5])
SearchAttributeKey._guess_from_untyped_values("k", [True])
SearchAttributeKey._guess_from_untyped_values("k", [datetime(2020, 1, 1)])
"""

COMMON = """
proto_of(RetryPolicy())
proto_of(RetryPolicy(timedelta(seconds=2), 1.5, timedelta(seconds=9), 7, ["A", "B"]))
proto_of(RetryPolicy(maximum_interval=timedelta()))
proto_of(RetryPolicy(initial_interval=timedelta()))
proto_of(RetryPolicy(initial_interval=timedelta(seconds=-1)))
proto_of(RetryPolicy(initial_interval=timedelta(seconds=-1), maximum_attempts=1))
proto_of(RetryPolicy(backoff_coefficient=0.5))
proto_of(RetryPolicy(maximum_interval=timedelta(milliseconds=500)))
proto_of(RetryPolicy(maximum_interval=timedelta(seconds=-1)))
proto_of(RetryPolicy(maximum_attempts=-1))
RetryPolicy.from_proto(proto_of(RetryPolicy(timedelta(seconds=2), 1.5, timedelta(seconds=9), 7, ["A", "B"])))
RetryPolicy.from_proto(api.common.v1.RetryPolicy())
Priority.default
Priority(1, "k", 2.5)._to_proto()
Priority()._to_proto()
Priority._from_proto(api.common.v1.Priority(priority_key=2))
Priority._from_proto(api.common.v1.Priority(fairness_key="k", fairness_weight=0.5))
Priority(priority_key=0)
Priority(priority_key="1")
Priority(priority_key=True)
WorkerDeploymentVersion.from_canonical_string("a.b.c")
WorkerDeploymentVersion.from_canonical_string("a")
WorkerDeploymentVersion("d", "b.1").to_canonical_string()
WorkerDeploymentVersion("d", "b")._to_proto()
PinnedVersioningOverride(WorkerDeploymentVersion("d", "b"))._to_proto()
AutoUpgradeVersioningOverride()._to_proto()
OneTimeVersioningOverride(WorkerDeploymentVersion("d", "b"))._to_proto()
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("b"), 1), SearchAttributePair(SearchAttributeKey.for_int("a"), 2)])
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 1), SearchAttributePair(SearchAttributeKey.for_text("a"), "2")])
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)])[SearchAttributeKey.for_int("a")]
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)])[SearchAttributeKey.for_float("a")]
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)]).get(SearchAttributeKey.for_int("a"), 9)
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)]).get(SearchAttributeKey.for_int("b"), 9)
SearchAttributeKey.for_int("a") in TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)])
SearchAttributeKey.for_text("a") in TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)])
TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_int("a"), 0)]).updated(SearchAttributePair(SearchAttributeKey.for_text("a"), "x"), SearchAttributePair(SearchAttributeKey.for_bool("b"), False))
pickled(TypedSearchAttributes([SearchAttributePair(SearchAttributeKey.for_keyword_list("a"), ["x"])]))
SearchAttributeKey.for_keyword_list("a").origin_value_type
SearchAttributeKey.for_keyword("a").value_unset()
pickled(RawValue(Payload(metadata={"encoding": b"e"}, data=b"d")))
RawValue.__setstate__(RawValue(Payload()), b"2")
RawValue.__setstate__(RawValue(Payload()), "1")
pickled(ApplicationError("m", 1, type="T", non_retryable=True))
pickled(CancelledError("m", 1))
pickled(FailureError("m"))
pickled(ActivityError("a", scheduled_event_id=1, started_event_id=2, identity="i", activity_type="t", activity_id="5", retry_state=None))
pickled(WorkflowAlreadyStartedError("w", "t"))
pickled(CustomApplicationError())
"""


def _lines(table: str) -> list[str]:
    return [line for line in table.strip().splitlines() if line]


EXPRESSIONS = [
    *_lines(ENCODED),
    *_lines(DECODED),
    *(f"typed({line})" for line in _lines(TYPED)),
    *_lines(FAILURES),
    *_lines(SEARCH_ATTRIBUTES),
    *_lines(COMMON),
]
