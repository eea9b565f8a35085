import Testing

@testable import ZMTP

/// Salted hashes of passwords.
@Suite struct PasswordHashTests {
    #if Curve
        @Test("a hash knows its password, and no other") func matches() throws {
            for text in ["", "hunter2", String(repeating: "x", count: 255), "a\0b"] {
                let hash = try PasswordHash(of: Password(text), cost: .minimum)
                #expect(try hash.matches(Password(text)))
                #expect(try !hash.matches(Password(text + "x")))
                #expect(try text.isEmpty || !hash.matches(Password(text.dropLast())))
            }
        }

        @Test("each hash has a salt of its own, and survives as text") func text() throws {
            let password = Password("hunter2")
            let (one, other) = try (
                PasswordHash(of: password, cost: .minimum), PasswordHash(of: password, cost: .minimum)
            )
            #expect(one != other && one.text.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
            let read = try PasswordHash(text: one.text)
            #expect(try read == one && read.matches(password))
        }

        /// Made with crypto_pwhash_str of libsodium 1.0.18 in another program.
        @Test("golden: hashes of other programs, also by Argon2i") func golden() throws {
            for text in [
                "$argon2id$v=19$m=8,t=1,p=1$v057dRSttrX3HvI6raBh1Q$CrbJSovHtt9y9Q29uVi/tEHZHAl0BvHgfCdrdoLuzjI",
                "$argon2i$v=19$m=8,t=3,p=1$LMgJkgblz3O5xHHUnGnKNg$rLDCOzYlbPkQGBodynqefYaSzu2tKgU/9pHc6o9DGLw",
                "$argon2id$v=19$m=64,t=3,p=1$vcBguOtORJfgoLzi7YkI/w$sl8V6pHNkPvAj86Y5vIhKqwATMiW7DVh51hoUFlwsFo",
            ] {
                let hash = try PasswordHash(text: text)
                #expect(try hash.matches(Password("correct horse")))
                #expect(try !hash.matches(Password("correct horsf")))
            }
        }

        @Test("a text that is no hash is refused, and not shown") func noHash() throws {
            let good = try PasswordHash(of: Password("x"), cost: .minimum).text
            let bad = [
                "", "hunter2", "$argon2id$", String(good.dropLast(60)), good + String(repeating: "A", count: 60),
                "$2b$12$" + String(repeating: "a", count: 53), good + "\0", "\0" + good, " " + good,
                good.replacing("m=8", with: "m=99999999999"), good.replacing("t=1", with: "t=0"),
            ]
            for text in bad {
                let error = #expect(throws: CurveError.self, "\(text)") { try PasswordHash(text: text) }
                #expect(error?.code == .invalidHash && error.map { "\($0)".contains("hunter") } == false)
            }
        }

        @Test("a cost out of range is refused, with its numbers") func costs() throws {
            for cost in [(0, 8_192), (1, 8_191), (-1, 8_192), (1, -1), (.max, 8_192), (1, .max)] {
                let cost = PasswordHash.Cost(operations: cost.0, memory: cost.1)
                let error = #expect(throws: CurveError.self) { try PasswordHash(of: Password(""), cost: cost) }
                #expect(error?.code == .invalidHash && error?.message.contains("\(cost.memory)") == true)
            }
        }

        @Test("a hash of another cost is to be made again") func rehash() throws {
            let hash = try PasswordHash(of: Password(""), cost: .minimum)
            #expect(!hash.needsRehash(for: .minimum) && hash.needsRehash())
            #expect(hash.needsRehash(for: .init(operations: 2, memory: 8_192)))
            #expect(hash.needsRehash(for: .init(operations: -1, memory: 0)))
        }

        @Test("a hash is shown nowhere") func shown() throws {
            let hash = try PasswordHash(of: Password("hunter2"), cost: .minimum)
            var text = "\(hash) \(String(reflecting: hash)) \([hash])"
            dump(hash, to: &text)
            #expect(!text.contains("argon") && text.contains("<password hash>"))
        }
    #else
        @Test("a build without CURVE has no hashes, and says so") func none() {
            for make in [{ try PasswordHash(of: Password("")) }, { try PasswordHash(text: "$argon2id$") }] {
                let error = #expect(throws: CurveError.self) { try make() }
                #expect(error?.code == .unavailable && error?.message.contains("'Curve'") == true)
            }
        }
    #endif
}
