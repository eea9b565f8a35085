import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

struct SocksClientTests {
    private func client(_ endpoint: String, _ credentials: SocksClient.Credentials? = nil) throws -> SocksClient {
        guard let address = try Endpoint(endpoint).address as? TCPEndpoint else { fatalError("not tcp: \(endpoint)") }
        return SocksClient(target: address.target, credentials: credentials)
    }

    @Test func names() throws {
        var client = try client("tcp://example.org:5555")
        #expect(client.start() == .send([5, 1, 0], thenRead: 2))
        check(
            client.receive([5, 0]) == .send([5, 1, 0, 3, 11] + Array("example.org".utf8) + [0x15, 0xB3], thenRead: 5)
        )
        check(client.receive([5, 0, 0, 1, 127]) == .read(5))
        check(client.receive([0, 0, 1, 1, 1]) == .done)
    }

    @Test func numbers() throws {
        var four = try client("tcp://1.2.3.4:1")
        check(four.receive([5, 0]) == .send([5, 1, 0, 1, 1, 2, 3, 4, 0, 1], thenRead: 5))
        check(four.receive([5, 0, 0, 4, 0]) == .read(17))
        var six = try client("tcp://[::1]:1")
        let zeros = [UInt8](repeating: 0, count: 15)
        check(six.receive([5, 0]) == .send([5, 1, 0, 4] + zeros + [1, 0, 1], thenRead: 5))
        check(six.receive([5, 0, 0, 3, 9]) == .read(11))
    }

    @Test func userAndPassword() throws {
        let known = SocksClient.Credentials(user: "me", password: Password("secret"))
        let request: [UInt8] = [5, 1, 0, 3, 1] + Array("h".utf8) + [0, 1]
        var client = try client("tcp://h:1", known)
        #expect(client.start() == .send([5, 2, 0, 2], thenRead: 2))
        check(
            client.receive([5, 2])
                == .send([1, 2] + Array("me".utf8) + [6] + Array("secret".utf8), thenRead: 2)
        )
        check(client.receive([1, 0]) == .send(request, thenRead: 5))

        client = try self.client("tcp://h:1", known)
        check(client.receive([5, 0]) == .send(request, thenRead: 5), "the proxy need not ask")

        client = try self.client("tcp://h:1", known)
        _ = client.receive([5, 2])
        check(client.receive([1, 1]) == .failed("the proxy does not accept the user and password"))

        client = try self.client("tcp://h:1", known)
        check(client.receive([5, 0xFF]) == .failed("the proxy takes no user and password"))

        client = try self.client("tcp://h:1", SocksClient.Credentials(user: "me", password: Password("")))
        check(client.receive([5, 2]) == .send([1, 2] + Array("me".utf8) + [0], thenRead: 2))

        client = try self.client("tcp://h:1")
        guard case .failed = client.receive([5, 2]) else { return #expect(Bool(false), "this was not offered") }
    }

    @Test func refusals() throws {
        for (bytes, reason) in [([4, 0], "does not speak SOCKS5"), ([5, 0xFF], "authenticate")] as [([UInt8], String)] {
            var client = try client("tcp://h:1")
            guard case .failed(let text) = client.receive(bytes) else { return #expect(Bool(false)) }
            #expect(text.contains(reason))
        }
        for (code, reason) in [(1, "general"), (4, "host is unreachable"), (5, "refused"), (99, "error 99")]
            as [(UInt8, String)]
        {
            var client = try client("tcp://h:1")
            _ = client.receive([5, 0])
            guard case .failed(let text) = client.receive([5, code, 0, 1, 0]) else { return #expect(Bool(false)) }
            #expect(text.contains(reason))
        }
        var client = try client("tcp://h:1")
        _ = client.receive([5, 0])
        check(client.receive([5, 0, 0, 2, 0]) == .failed("the proxy names an address of an unknown kind"))
    }
}
