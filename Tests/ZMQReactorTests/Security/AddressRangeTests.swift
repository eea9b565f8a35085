import Synchronization
import Testing
import ZMQReactorTestSupport

@testable import ZMQReactor

/// Addresses and networks, and authenticators by address.
@Suite struct AddressRangeTests {
    @Test(
        "a range contains the addresses of its network, and no others",
        arguments: [
            (
                "192.0.2.0/24", ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7", "::ffff:c000:207"],
                ["192.0.3.0", "192.0.1.255"]
            ),
            ("192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.6", "192.0.2.70", "::c000:207"]),
            ("192.0.2.6/31", ["192.0.2.6", "192.0.2.7"], ["192.0.2.5", "192.0.2.8"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::1", "2001:db8::1", "::"]),
            ("128.0.0.0/1", ["128.0.0.0", "255.1.2.3"], ["127.255.255.255"]),
            ("::ffff:192.0.2.0/120", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.3.1"]),
            ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff::1"], ["2001:db9::1", "2001:db7:ffff::", "1.2.3.4"]),
            ("2001:db8::/64", ["2001:db8::ffff:ffff:ffff:ffff"], ["2001:db8:0:1::"]),
            ("2001:db8::8000:0:0:0/65", ["2001:db8::8000:0:0:1"], ["2001:db8::1", "2001:db8::7fff:0:0:0"]),
            ("::1", ["::1", "0:0:0:0:0:0:0:1"], ["::2", "127.0.0.1"]),
            ("::/0", ["::", "ffff::1"], ["1.2.3.4", "::ffff:1.2.3.4"]),
            ("fe80::/10", ["fe80::1%eth0", "febf::1"], ["fec0::1"]),
        ]
    )
    func contains(text: String, inside: [String], outside: [String]) throws {
        let range = try AddressRange(text)
        for address in inside { #expect(range.contains(address), "\(address)") }
        for address in outside + ["", "pid 1 uid 0", "unknown", "localhost", "[::1]", "1.2.3", text + "/"] {
            #expect(!range.contains(address), "\(address)")
        }
        #expect(try AddressRange("\(range)") == range)
    }

    @Test("the same range has one description") func descriptions() throws {
        #expect(try AddressRange("::ffff:192.0.2.0/120").description == "192.0.2.0/24")
        #expect(try AddressRange("2001:0DB8:0::/32").description == "2001:db8::/32")
        #expect(try AddressRange("192.0.2.1/32").description == "192.0.2.1")
        #expect(try AddressRange("0.0.0.0/0").description == "0.0.0.0/0")
    }

    @Test(
        "a text that is no range is an error with the text",
        arguments: [
            "", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/08", "192.0.2.0/8",
            "192.0.2.1/24", "192.0.2.0/24/", "192.0.2.0/24/1", "192.0.2.0 /24", "192.0.2.0/ 24", "192.0.2/24", "1.2.3",
            "0x7f.1", "01.2.3.4", "localhost", "2001:db8::/129", "2001:db8::1/64", "[::1]", "fe80::1%eth0", "::/1x",
            "::ffff:1.2.3.4/95", "192.0.2.0/255.255.255.0", "1.2.3.4\0", "١.2.3.4", "1.2.3.0/٢٤", "*",
        ]
    )
    func malformed(text: String) {
        let error = #expect(throws: ZMQError.self) { try AddressRange(text) }
        #expect(error?.code == .invalidArgument && error?.message.contains(text.quoted) == true)
    }

    private func verdict(_ authenticator: Authenticator, _ address: String) async throws -> AuthenticationVerdict {
        try await authenticator(AuthenticationRequest(.null, address: address))
    }

    @Test("peers are accepted and refused by their address") func authenticators() async throws {
        let ranges = try ["192.0.2.0/24", "2001:db8::/32"].map(AddressRange.init)
        for (address, isInside) in [
            ("192.0.2.1", true), ("::ffff:192.0.2.1", true), ("2001:db8::1", true), ("192.0.3.1", false),
            ("::1", false),
            ("pid 1 uid 0", false), ("", false),
        ] {
            #expect(try await verdict(.addresses(allowing: ranges), address).isAccepted == isInside)
            #expect(try await verdict(.addresses(denying: ranges), address).isAccepted == !isInside)
        }
        let refusal = AuthenticationVerdict.refuse("the address \"192.0.3.1\" is not allowed")
        #expect(try await verdict(.addresses(allowing: ranges), "192.0.3.1") == refusal)
        #expect(try await verdict(.addresses(allowing: []), "127.0.0.1").isAccepted == false)
        #expect(try await verdict(.addresses(denying: []), "127.0.0.1").isAccepted)
    }

    @Test("an address is asked before what it is combined with") func combined() async throws {
        let network = try Authenticator.addresses(allowing: [AddressRange("192.0.2.0/24")])
        let both = network.and(Authenticator { _ in .accept(userID: "alice") })
        #expect(try await verdict(both, "192.0.2.1").userID == "alice")
        #expect(try await verdict(both, "192.0.3.1").userID == nil)
    }

    @Test("a peer that has reset its connection has no address, and does not get by one that decides by address")
    func reset() throws {
        let asked = Atomic(0)
        let denied = try Authenticator.addresses(denying: [AddressRange("127.0.0.0/8")])
        let counting = Authenticator { _ in
            asked.add(1, ordering: .relaxed)
            return .accept
        }
        for authenticator in [denied, counting] {
            try withScene(in: Context(ioThreads: 0)) { scene in
                var reasons: [EventReason] = []
                let pull = try scene.pull { $0.security = .null(authenticator: authenticator) }
                pull.onEvent = { if let reason = $1.reason { reasons.append(reason) } }
                let peer = try RawPeer(pull.bind(anyPort))
                peer.send(Wire.greeting() + Wire.ready("PUSH") + Wire.message("stolen"))
                // The server has not seen the connection yet; what was sent stays readable.
                peer.reset()
                try scene.run(until: { !reasons.isEmpty }, "the end of the connection")
                #expect(reasons.map(\.message) == ["the peer was refused with status 300: the peer is gone"])
                #expect(pull.statistics.messagesReceived == 0)
            }
        }
        #expect(asked.load(ordering: .relaxed) == 0)
    }

    @Test("a server sees the address of its peers, on tcp over IPv4 and IPv6, and on ipc") func sockets() throws {
        let local = try [AddressRange("127.0.0.0/8"), AddressRange("::1")]
        for (endpoint, isIP) in [("tcp://127.0.0.1:*", true), ("tcp://[::1]:*", true), (Road.ipc.endpoint, false)] {
            for (authenticator, isAccepted) in [
                (Authenticator.addresses(allowing: local), isIP), (.addresses(denying: local), !isIP),
            ] {
                try withScene { scene in
                    var isRefused = false
                    let pull = try scene.pull {
                        $0.usesIPv6 = true
                        $0.security = .null(authenticator: authenticator)
                    }
                    pull.onEvent = { isRefused = isRefused || $1.reason?.kind == .notAuthenticated }
                    let push = try scene.push { $0.usesIPv6 = true }
                    try push.connect(pull.bind(endpoint))
                    try scene.run(until: { isRefused || pull.peerCount == 1 }, "a decision")
                    #expect(isRefused != isAccepted)
                }
            }
        }
    }
}
