#if ServiceLifecycle
    public import EventReactor
    public import ServiceLifecycle
    public import ZMQReactor

    /// A reactor's thread as a service: it runs until the group shuts down, and stops then.
    ///
    /// List it ahead of the ``ContextService`` of its sockets. Services are shut down in the opposite order: the sockets
    /// are closed while the reactor runs.
    extension ReactorThread: Service {
        /// Runs until the thread has ended. A graceful shutdown, and a cancellation, stop the reactor.
        public func run() async {
            await withTaskCancellationOrGracefulShutdownHandler {
                await join()
            } onCancelOrGracefulShutdown: {
                self.stop()
            }
        }
    }

    /// A reactor's thread with its state as a service. As `ReactorThread`.
    extension StatefulReactorThread: Service {
        /// Runs until the thread has ended. A graceful shutdown, and a cancellation, stop the reactor.
        public func run() async { await thread.run() }
    }

    /// A client as a service: at a graceful shutdown it accepts no more requests, and waits for the replies to those that
    /// are pending, at most 10 seconds, and no longer when it is cancelled.
    extension RequestClient: Service {
        /// Runs until the client is closed by a graceful shutdown or a cancellation.
        public func run() async {
            // Cancelled: the handler below closes it at once.
            try? await gracefulShutdown()
            await withTaskCancellationHandler {
                await close(within: .seconds(10))
            } onCancel: {
                Task { await self.close() }
            }
        }
    }
#endif
