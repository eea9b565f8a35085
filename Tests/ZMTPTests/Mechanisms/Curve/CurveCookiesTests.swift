#if Curve
    import Synchronization
    import Testing
    import ZMQReactorTestSupport
    import ZMQReactorTesting

    @testable import ZMTP

    /// The keys of cookies, which do not outlive the handshakes that need them.
    @Suite(.hangLimit) struct CurveCookiesTests {
        private static let minute = CurveCookies.lifetime

        /// A cookie, and what the server remembers of it.
        private func cookie(_ cookies: CurveCookies) throws -> (bytes: [UInt8], issued: CurveCookies.Issued) {
            let pair = try CurveKeyPair()
            var bytes: [UInt8] = []
            let issued = pair.publicKey.bytes.withUnsafeBytes {
                cookies.append(clientKey: $0, secretKey: pair.secretKey, to: &bytes)
            }
            return (bytes, issued)
        }

        private func isGood(_ bytes: [UInt8], _ cookies: CurveCookies) -> Bool {
            bytes.withUnsafeBytes { cookies.open($0, nonce: Array(bytes.prefix(16))) } != nil
        }

        @Test("CU-4: the key is gone as soon as no handshake needs it") func discarded() throws {
            let cookies = CurveCookies(.system)
            var first: CurveCookies.Issued?
            var second: CurveCookies.Issued?
            let (one, other): ([UInt8], [UInt8])
            (one, first) = try cookie(cookies)
            (other, second) = try cookie(cookies)
            #expect(isGood(one, cookies) && isGood(other, cookies))
            first = nil
            #expect(isGood(one, cookies) && isGood(other, cookies))
            // Also the one before it.
            cookies.rotate()
            #expect(isGood(other, cookies))
            second = nil
            #expect(!isGood(one, cookies) && !isGood(other, cookies))
            let (next, third) = try cookie(cookies)
            #expect(isGood(next, cookies) && third.nonce != first?.nonce)
            withExtendedLifetime((first, second, third)) {}
        }

        @Test("CU-4: a handshake that completes or fails needs no key", arguments: [true, false])
        func handshakes(completes: Bool) throws {
            let settings = try CurveServer.Settings(CurveExample.serverKeys)
            var client = CurvePeer.client()
            var session = Session(.accepting(.pull, .curveServer(settings)), verdict: nil)
            session.feed(Wire.greeting(mechanism: "CURVE") + Wire.command("HELLO", client.hello()))
            let isWelcome = client.read(welcome: Array(session.transcript.output.dropFirst(74)))
            #expect(isWelcome && isGood(client.cookie, settings.cookies))
            // Before the application has decided.
            session.feed(completes ? Wire.command("INITIATE", client.initiate()) : Wire.command("HELLO", [0]))
            #expect((session.transcript.credentials != nil) == completes)
            #expect(!isGood(client.cookie, settings.cookies))
        }

        @Test("CU-4: listeners on several threads replace the key once") func threads() throws {
            for round in 1...500 as ClosedRange<Int64> {
                let cookies = CurveCookies(.system)
                cookies.rotate(at: 0)
                let (bytes, issued) = try cookie(cookies)
                let (ready, done) = (Counter(), Counter())
                for _ in 0..<2 {
                    startThread {
                        ready.add()
                        while ready.value < 2 {}
                        cookies.rotate(at: Self.minute)
                        done.add()
                    }
                }
                try waitUntil("both threads") { done.value == 2 }
                #expect(isGood(bytes, cookies), "round \(round)")
                withExtendedLifetime(issued) {}
            }
        }

        private final class Counter: Sendable {
            private let count = Atomic(0)
            var value: Int { count.load(ordering: .acquiring) }
            func add() { count.add(1, ordering: .acquiringAndReleasing) }
        }
    }
#endif
