import CLibev
import Glibc

/// Descriptors that the program closes while they are watched. libev must not meet one: it would end the process.
extension Reactor {
    /// Looks at the descriptors that libev is about to tell the kernel of.
    @inline(never)
    func verifyDescriptors() {
        var closed: [CInt] = []
        descriptors.takeUnverified { if clibev_is_pollable($0) == 0 { closed.append($0) } }
        if !closed.isEmpty { invalidateWatchers { closed.contains($0) } }
    }

    /// libev is about to tell a new epoll instance of all descriptors, because the old one has reported one that was closed.
    fileprivate func verifyAllDescriptors() {
        invalidateWatchers { clibev_is_pollable($0) == 0 }
    }

    /// Has watchers report, in this turn, that their descriptor is closed.
    private func invalidateWatchers(where isClosed: (CInt) -> Bool) {
        for case let dispatch as DescriptorDispatch in registry.all where isClosed(dispatch.watcher.descriptor) {
            dispatch.watcher.invalidate()
        }
        // Their handlers are called before libev waits, and may have given this turn something to do: it must not wait.
        ev_async_send(loop, wake)
    }

    /// Has `verifyAllDescriptors` called when that is needed, which libev says as it does after a fork(2).
    func watchForRearming() {
        clibev_fork_init(rearming, rearmingCallback, Unmanaged.passUnretained(self).toOpaque())
        ev_fork_start(loop, rearming)
    }
}

private func rearmingCallback(_ loop: OpaquePointer?, _ event: UnsafeMutablePointer<ev_fork>?, _: Int32) {
    Unmanaged<Reactor>.fromOpaque(event!.pointee.data)._withUnsafeGuaranteedRef { $0.verifyAllDescriptors() }
}

/// What libev does about a failure it cannot go on from: by itself it would abort without a word of what it means.
let explainFailuresOfLibev: Void = ev_set_syserr_cb { message in
    let number = errno
    fatalError(
        """
        The event loop of a Reactor cannot go on: \(message.map { String(cString: $0) } ?? "libev"): \(String(cString: strerror(number))). \
        The process is out of descriptors or memory, or the program has closed a descriptor that is not its own.
        """
    )
}
