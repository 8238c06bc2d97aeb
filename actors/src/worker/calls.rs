//! Calls to the server that actors make: bounded by shutdown, answered by a message.

use std::{future::Future, sync::Arc};

use tonic::{Code, Status};

use crate::{
    connection::Call,
    kit::{Sender, Spawner, bounded, guarded},
};

use super::{
    current_service::CurrentService,
    namespace::NamespaceFacts,
    requests::Requests,
    shutdown::{LAST_CALL_LIMIT, ShutdownSignal},
};

/// What an actor needs to reach the server.
#[derive(Clone)]
pub(super) struct Calls {
    pub service: CurrentService,
    pub requests: Arc<Requests>,
    pub namespace: NamespaceFacts,
    pub shutdown: ShutdownSignal,
    pub spawner: Spawner,
}

impl Calls {
    /// Makes a call and sends what came of it.
    pub(super) fn send<T, M>(
        &self,
        call: Call<T>,
        to: Sender<M>,
        wrap: impl FnOnce(Result<T, Status>) -> M + Send + 'static,
    ) where
        T: Send + 'static,
        M: 'static,
    {
        let call = self.until_shutdown(call);
        self.spawner.spawn(async move {
            // The receiver may have ended meanwhile; then nobody wants the answer.
            let _ = to.send(wrap(call.await));
        });
    }

    /// The call; a server that does not answer holds no shutdown up.
    pub(super) fn until_shutdown<T>(
        &self,
        call: Call<T>,
    ) -> impl Future<Output = Result<T, Status>> + Send + use<T>
    where
        T: Send + 'static,
    {
        let shutdown = self.shutdown.clone();
        async move {
            if shutdown.has_begun() {
                return bounded(call, LAST_CALL_LIMIT).await;
            }
            tokio::select! {
                biased;
                answer = guarded(call) => answer,
                () = shutdown.calls.cancelled() => {
                    Err(Status::cancelled("the worker shut down before the server answered"))
                }
            }
        }
    }
}

/// True when the server has forgotten the task, or gave it to another.
pub(super) fn is_not_found(status: &Status) -> bool {
    status.code() == Code::NotFound
}

/// True when a request was refused for its size by the transport.
pub(super) fn is_too_large(status: &Status) -> bool {
    match status.code() {
        Code::ResourceExhausted => [
            "received message larger than max",
            "message after decompression larger than max",
        ]
        .iter()
        .any(|known| status.message().contains(known)),
        // Our own side refuses to encode it.
        Code::OutOfRange => status.message().contains("message length too large"),
        _ => false,
    }
}
