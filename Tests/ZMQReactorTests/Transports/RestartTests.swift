import Glibc
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// libzmq peers that are killed (-9) in traffic and restarted (TOP-10, TRN-02, TRN-03).
@Suite(.serialized) struct RestartTests {
    @Test(arguments: [Road.tcp, .ipc], [true, false])
    func TOP10_TRN02_aReceiverIsKilledAndComesBack(road: Road, libzmqBinds: Bool) throws {
        try withScene { scene in
            let endpoint = try road.freshEndpoint()
            let push = try scene.push { $0.sendHighWaterMark = 100 }
            if libzmqBinds { try push.connect(endpoint) } else { try push.bind(endpoint) }
            var next = 0
            func sendMore() throws {
                while try push.send(NumberedMessage(number: next).bytes()) == .accepted { next += 1 }
            }
            for _ in 0..<3 {
                let peer = try LibzmqPeer(.pull)
                if libzmqBinds { try peer.bind(endpoint) } else { try peer.connect(endpoint) }
                // In order and without a gap, from wherever this one begins.
                let verifying = try peer.verifying(2000, first: nil)
                try scene.run(
                    until: {
                        try sendMore()
                        return verifying.isReady
                    },
                    "messages to arrive",
                    within: .seconds(30)
                )
                try verifying.value()
                try peer.kill()
                try scene.run(until: { push.peerCount == 0 })
            }
            if libzmqBinds { #expect(push.statistics.reconnects == 2) }
        }
    }

    @Test(arguments: [Road.tcp, .ipc], [true, false])
    func TOP10_TRN02_aSenderIsKilledAndComesBack(road: Road, libzmqBinds: Bool) throws {
        try withScene { scene in
            let endpoint = try road.freshEndpoint()
            var (count, isInOrder) = (0, true)
            var last = -1
            let pull = try scene.pull { _, message in
                let number = NumberedMessage(Array(message[0]))?.number ?? -1
                if number != last + 1 { isInOrder = false }
                (last, count) = (number, count + 1)
            }
            if libzmqBinds { try pull.connect(endpoint) } else { try pull.bind(endpoint) }
            for _ in 0..<3 {
                let peer = try LibzmqPeer(.push)
                if libzmqBinds { try peer.bind(endpoint) } else { try peer.connect(endpoint) }
                last = -1
                let before = count
                _ = try peer.flooding(1_000_000)
                try scene.run(until: { count >= before + 3000 }, "messages to arrive", within: .seconds(30))
                try peer.kill()
                try scene.run(until: { pull.peerCount == 0 })
            }
            #expect(isInOrder)
        }
    }
}
