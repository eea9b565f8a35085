import CLibev
import Glibc

/// Descriptors that the program closes while they are watched. They must not reach libev, which would end the process.
extension Reactor {
    /// Checks the descriptors that libev is about to register in the kernel.
    @inline(never)
    func verifyDescriptors() {
        var closed: [CInt] = []
        descriptors.takeUnverified { if clibev_is_pollable($0) == 0 { closed.append($0) } }
        if !closed.isEmpty { invalidateWatchers { closed.contains($0) } }
    }

    /// libev is about to register all descriptors in a new epoll instance, because the old one has reported a closed
    /// one.
    fileprivate func verifyAllDescriptors() {
        invalidateWatchers { clibev_is_pollable($0) == 0 }
    }

    /// Marks watchers to report, in this turn, that their descriptor is closed.
    private func invalidateWatchers(where isClosed: (CInt) -> Bool) {
        for case let dispatch as DescriptorDispatch in registry.all where isClosed(dispatch.watcher.descriptor) {
            dispatch.watcher.invalidate()
        }
        // Their handlers are called before libev waits and may schedule work for this turn, so libev must not wait.
        ev_async_send(loop, wake)
    }

    /// Arranges for `verifyAllDescriptors` to be called when libev re-registers all descriptors, which it signals as it
    /// does a fork(2).
    func watchForRearming() {
        clibev_fork_init(rearming, rearmingCallback, Unmanaged.passUnretained(self).toOpaque())
        ev_fork_start(loop, rearming)
    }
}

private func rearmingCallback(_ loop: OpaquePointer?, _ event: UnsafeMutablePointer<ev_fork>?, _: Int32) {
    Unmanaged<Reactor>.fromOpaque(event!.pointee.data)._withUnsafeGuaranteedRef { $0.verifyAllDescriptors() }
}

/// Explains a failure that libev cannot recover from; libev itself would abort without saying what it means.
let explainFailuresOfLibev: Void = ev_set_syserr_cb { message in
    let number = errno
    fatalError(
        """
        The event loop of a Reactor cannot go on: \(message.map { String(cString: $0) } ?? "libev"): \(String(cString: strerror(number))). \
        The process is out of descriptors or memory, or the program has closed a descriptor that is not its own.
        """
    )
}
