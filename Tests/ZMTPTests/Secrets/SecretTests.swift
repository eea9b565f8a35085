import Testing
import ZMQReactorTesting

@testable import ZMTP

/// Secrets that are asked to show themselves.
@Suite struct SecretTests {
    /// All that a program might print of a value.
    private func shown<Value>(_ value: Value) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        dump([value], to: &dumped)
        dump((value, Optional(value)), to: &dumped)
        return "\(value) \(String(describing: value)) \(String(reflecting: value)) \([value]) " + dumped
    }

    @Test("a password is shown nowhere") func passwords() {
        let password = Password("hunter2")
        #expect(!shown(password).contains("hunter") && shown(password).contains("<password>"))
        let credentials = PlainCredentials(username: Array("u".utf8), password: password)
        #expect(!shown(credentials).contains("hunter"))
        #expect(!shown(Credentials.plain(username: "", password)).contains("hunter"))
        #expect(!shown(PresentedCredentials(.plain(username: "", password))).contains("hunter"))
        #expect(!shown(Mechanism.plainClient(credentials)).contains("hunter"))
        var configuration = Engine.Configuration.connecting(.push)
        configuration.mechanism = .plainClient(credentials)
        #expect(!shown(configuration).contains("hunter"))
        // Nor as a list of bytes.
        #expect(!shown(credentials).contains("104, 117") && !shown(configuration).contains("104"))
        let request = ZAPRequest(requestID: [1], domain: "d", address: "a", .plain(username: "", password))
        #expect(!shown(request).contains("hunter"))
    }

    @Test("a secret key is shown nowhere, nor in the error for a broken one") func secretKeys() throws {
        let text = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
        let key = try CurveSecretKey(z85: text)
        #expect(!shown(key).contains("JTK") && shown(key).contains("<secret key>"))
        #expect(!shown(key).contains("142"))
        #expect(throws: CurveError.self) { try CurveSecretKey(z85: text.dropLast()) }
        do {
            _ = try CurveSecretKey(z85: text.dropLast() + "\u{7}")
        } catch {
            #expect(error.code == .invalidKey && !"\(error)".contains("JTK"))
        }
        #if Curve
            let pair = try CurveKeyPair(secretKey: key)
            #expect(!shown(pair).contains("JTK"))
            #expect("\(pair)" == pair.publicKey.z85)
        #endif
    }

    @Test("passwords and keys are compared by their bytes") func equality() throws {
        #expect(Password("abc") == Password([0x61, 0x62, 0x63]))
        #expect(Password("abc") != Password("abd") && Password("abc") != Password("ab") && Password("") == Password(""))
        #expect(Password("") != Password("a") && Password("a").count == 1)
        #expect(Password("abc").withUnsafeBytes { Array($0) } == [0x61, 0x62, 0x63])
        #expect(try CurveSecretKey(1...32) == CurveSecretKey(1...32))
        #expect(try CurveSecretKey(1...32) != CurveSecretKey(2...33))
    }

    @Test("a key has 32 bytes") func sizes() throws {
        for count in [0, 31, 33, 64] {
            #expect(throws: CurveError.wrongSize(count)) { try CurvePublicKey(Wire.zeros(count)) }
            #expect(throws: CurveError.wrongSize(count)) { try CurveSecretKey(Wire.zeros(count)) }
        }
        #expect(throws: CurveError.notZ85) { try CurvePublicKey(z85: "HelloWorld") }
        let key = try CurvePublicKey(1...32)
        #expect(try CurvePublicKey(z85: "\(key)") == key)
    }

    #if Curve
        @Test("new key pairs differ, and the public key follows from the secret one") func keyPairs() throws {
            let pairs = try (0..<8).map { _ in try CurveKeyPair() }
            #expect(Set(pairs.map(\.publicKey)).count == 8)
            for pair in pairs { #expect(try CurveKeyPair(secretKey: pair.secretKey).publicKey == pair.publicKey) }
        }

        @Test("a server's key of low order is refused at once", arguments: [0, 1])
        func weak(first: UInt8) throws {
            let key = try CurvePublicKey([first] + Wire.zeros(31))
            #expect(throws: CurveError.weakKey) { try Mechanism.curveClient(CurveKeyPair(), serverKey: key) }
        }
    #else
        @Test("a build without CURVE says which trait it needs") func unavailable() throws {
            let key = try CurvePublicKey(1...32)
            for call in [
                { _ = try CurveKeyPair() },
                { _ = try CurveKeyPair(secretKey: CurveSecretKey(1...32)) },
            ] as [() throws -> Void] {
                do {
                    try call()
                    Issue.record("no error")
                } catch let error as CurveError {
                    #expect(error.code == .unavailable && error.message.contains("'Curve'"))
                }
            }
            _ = key
        }
    #endif
}
