import Glibc

@testable import ZMQReactor

extension Message {
    /// `==` at full speed, even in a debug build, for messages of many megabytes.
    func hasSameBytes(as other: Message) -> Bool {
        count == other.count
            && zip(self, other).allSatisfy { one, two in
                one.withUnsafeBytes { one in
                    two.withUnsafeBytes { two in
                        one.count == two.count
                            && (one.isEmpty || memcmp(one.baseAddress!, two.baseAddress!, one.count) == 0)
                    }
                }
            }
    }
}
