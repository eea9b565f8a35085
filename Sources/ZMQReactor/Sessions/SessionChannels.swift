import EventReactor

/// The channels between a session's pipe and its owner, as the session reaches them.
struct SessionChannels {
    let wakeup: Wakeup
    let toOwner: Channel
    let fromOwner: Channel
    let owner: RemoteEnd

    init(_ pair: ChannelPair, owner handle: ReactorHandle) {
        wakeup = pair.wakeup(of: .binder)
        toOwner = pair.channel(to: .connector)
        fromOwner = pair.channel(to: .binder)
        owner = RemoteEnd(handle: handle, wakeup: pair.wakeup(of: .connector))
    }
}
