#if Curve
    import Testing
    import ZMQReactorTesting

    @testable import ZMTP

    /// A PUSH client and a PULL server, with the keys and random numbers of `CurveExample`: every byte, computed with
    /// libsodium's boxes by another program.
    @Suite struct CurveGoldenTests {
        static let clientKey = hex(
            """
            07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c
            """
        )
        static let serverKey = hex(
            """
            5869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b
            """
        )
        static let hello = hex(
            """
            04c80548454c4c4f010000000000000000000000000000000000000000000000000000000000000000000000000000000000
            00000000000000000000000000000000000000000000000000000000000000007b4e909bbe7ffe44c465a220037d608ee358
            97d31ef972f07f74892cb0f73f1300000000000000017c4ea0b8104e6a36c3010e5e661b6b73587a2991304468e7bacb2c53
            de8df5ec6bf61a69f182bc2139ef07c3e9c42c08aa98ac8460e1965aa466eddd59692708577d748cc5a8a8914a18a9313619
            4fd4
            """
        )
        static let welcome = hex(
            """
            04a80757454c434f4d4524242424242424242424242424242424597473e12b9defed9607272d3336cc248dba3500fcbe0562
            932cc2995400b760a6580a994741d89614399ea60107da8f24179c8491e30e8e34efbb160dd3ac14d6ac6be0083f2d718f8f
            3e8093fa6ec21091afede53dbcfe423c3b7dc88d9914d076886f3a1c43d6acf5f8ac706893316774e8d48f34b96943aa93be
            19edfb53116887d1b8bdd33da39621c35ebafdf9
            """
        )
        static let initiate = hex(
            """
            06000000000000011508494e4954494154452323232323232323232323232323232392feaf320df68916e623113f367c177b
            9e70c62064ad6682af810641ab6b29bf2523f8f3e351c68ffc8715decf8967cafa5b9125196535c80df771f76cf9893b871b
            7d3906fd35297d70bc67f73550450000000000000002b244e616238c9947a87356c8bbfb438945ef60fb1e90d5d9591ac894
            c51d38254f33c4c311f8cd2931fbbe17aa4f4c0a99befca3029e34b2beb56530c2e9cab432e7d03975cb529da33cb24a4055
            38b2f30d6a11d02feb9621eaef37825722e11932113762a890114d6a77a54fc4da5118816e0566941059530170f9825baba2
            6e1902a76feb0ae92ddd2a40e3f205e56c21dddbb5580ef353d5d8dd0a10ddb33c2430ce
            """
        )
        static let ready = hex(
            """
            04320552454144590000000000000001ed3b12eed5c78931b7bd0791fd8ed9a7054044f2e2b20ab4e9e1d3084fdac0c687b6
            5402
            """
        )
        static let hi = hex(
            """
            0023074d455353414745000000000000000341516e47065d3f586890989396862baeb29613
            """
        )
        static let parts = hex(
            """
            0021074d4553534147450000000000000004af154b622507a94b3a2acb36fd16fb859202000000000000014d074d45535341
            474500000000000000054848921d951db136991b283431deefa9ad18dd9545da6d81ee47a682ffc53c3e003a64fd37911ef2
            e5c68259b738dcf0fb2a4cd5277cb662a5e44372aaa4eb701f2c48c68d5ae3572a6cbe5afd461f886a107991c4759f760d9c
            c698d64d46e8dc4cc0195dea757c53a015012a233d7e913b8090804384da00295692693f811a191c0377eaadc9d97dfb5875
            5765af8a442005eb596d7156f083e9592df7c95ee14cc4dbe11e7999de917dea483f03c3f6453d2558a188ad5e7929886665
            e19bc0772f2027864274e6c33369d3d4a49cd09ad18bca1927617af880c2f11e57321a045eb75a0258351130f48170ac80bf
            b48ba8d783a7326364d2c834147cda6615b4ff184c44e9cd549accb35d92bb2a2c8bf527b5b970fb07b5b933f60cc84f7bbc
            905f187e35f6413bdc15f5954c239c9e7e014444e31fb6f9b6e37d
            """
        )
        static let ping = hex(
            """
            0028074d45535341474500000000000000022788bdef1358b5e21f41babbd7715e092fe030ba78fe6f90
            """
        )

        private static var greeting: [UInt8] { Wire.greeting(mechanism: "CURVE") }
        private static var serverGreeting: [UInt8] {
            var greeting = greeting
            greeting[32] = 1
            return greeting
        }

        @Test("the sizes are libzmq's: 200, 168, 277 and 50") func sizes() {
            #expect([Self.hello, Self.welcome, Self.initiate, Self.ready].map(\.count) == [202, 170, 286, 52])
        }

        @Test("keys, and their text") func keys() throws {
            #expect(CurveExample.clientKeys.publicKey.bytes == Self.clientKey)
            #expect(CurveExample.serverKeys.publicKey.bytes == Self.serverKey)
            #expect(try CurvePublicKey(z85: CurveExample.clientKeys.publicKey.z85) == CurveExample.clientKeys.publicKey)
        }

        @Test("golden: all that a client sends") func client() {
            var session = Session(.connecting(.push, CurveExample.client()))
            session.feed(Self.serverGreeting + Self.welcome + Self.ready)
            #expect(session.transcript.peer?.socketType == .pull)
            #expect(session.transcript.output == Self.greeting + Self.hello + Self.initiate)
            #expect(session.send(Wire.message("Hi")) == Self.hi)
            #expect(session.send(Wire.message([[], Wire.zeros(300)])) == Self.parts)
            session.feed(Self.ping)
            #expect(session.transcript.failure == nil)
        }

        @Test("golden: all that a server sends") func server() {
            var session = Session(.accepting(.pull, CurveExample.server()))
            session.feed(Self.greeting + Self.hello + Self.initiate + Self.hi + Self.parts)
            #expect(session.transcript.credentials == .curve(CurveExample.clientKeys.publicKey))
            #expect(session.transcript.peer?.socketType == .push)
            #expect(session.transcript.output == Self.serverGreeting + Self.welcome + Self.ready)
            #expect(session.transcript.messages == [Wire.message("Hi"), Wire.message([[], Wire.zeros(300)])])
            #expect(session.send(Wire.ping()) == Self.ping)
        }

        @Test("a session means the same at every split of it") func splits() {
            let ofClient = Self.greeting + Self.hello + Self.initiate + Self.hi + Self.parts
            let ofServer = Self.serverGreeting + Self.welcome + Self.ready + Self.ping
            for (input, isServer) in [(ofClient, true), (ofServer, false)] {
                func found(_ pieces: [Int], limit: Int = .max) -> Transcript {
                    let configuration: Engine.Configuration =
                        isServer ? .accepting(.pull, CurveExample.server()) : .connecting(.push, CurveExample.client())
                    return transcript(configuration, input, pieces: pieces, limit: limit)
                }
                let whole = found([])
                #expect(whole.failure == nil && whole.peer != nil)
                for split in 0...input.count { #expect(found([split]) == whole, "split at \(split)") }
                for size in [1, 2, 3, 7] {
                    #expect(found([Int](repeating: size, count: input.count / size)) == whole)
                    #expect(found([], limit: size) == whole)
                }
            }
        }
    }
#endif
