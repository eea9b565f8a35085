import Testing
import ZMQReactor

@testable import zmqcat

@Suite struct SocketKindTests {
    private final class Owner: AdapterOwner {
        func received(_ message: Message) {}
        func becameWritable() {}
    }

    @Test("each type opens a socket of its name; a type that echoes sends and receives")
    func kinds() throws {
        let (reactor, context, owner) = (try Reactor(), Context(), Owner())
        #expect(Set(SocketKind.all.map(\.name)) == Set(SocketType.allCases.map { $0.rawValue.lowercased() }))
        for kind in SocketKind.all {
            let setup = Setup(reactor: reactor, context: context, options: SocketOptions(), owner: owner)
            let socket = try kind.open(setup).socket
            #expect(socket.type.rawValue.lowercased() == kind.name)
            #expect(!kind.echoes || kind.receives && kind.sends)
            socket.close()
        }
        // The sockets end in the turns that follow.
        context.terminate(thenStop: reactor)
        reactor.run()
    }
}
