import ZMTP

/// The peers of a socket by generated ids: 5 bytes, a zero and a number.
struct RoutingTable {
    private var pipes: [UInt32: Pipe] = [:]
    private var numbers: [ObjectIdentifier: UInt32] = [:]
    /// Starts at a random number, so that an id of an earlier run of the program does not match one of this run.
    private var next = UInt32.random(in: .min ... .max)

    /// The peer with an id; nil if there is none.
    subscript(id: Frame) -> Pipe? {
        guard id.count == 5, id[0] == 0 else { return nil }
        return pipes[id.dropFirst().reduce(0) { $0 << 8 | UInt32($1) }]
    }

    /// The id of a peer; nil if it has been removed.
    func id(of pipe: Pipe) -> Frame? { numbers[ObjectIdentifier(pipe)].map(Self.id) }

    /// The id by which a peer is found; nil if it has been retired or removed.
    func currentID(of pipe: Pipe) -> Frame? { currentNumber(of: pipe).map(Self.id) }

    private func currentNumber(of pipe: Pipe) -> UInt32? {
        numbers[ObjectIdentifier(pipe)].flatMap { pipes[$0] === pipe ? $0 : nil }
    }

    private static func id(_ number: UInt32) -> Frame {
        Frame((0...4).map { UInt8(truncatingIfNeeded: UInt64(number) >> (32 - 8 * $0)) })
    }

    /// Gives a peer an id.
    mutating func add(_ pipe: Pipe) {
        while pipes[next] != nil { next &+= 1 }
        pipes[next] = pipe
        numbers[ObjectIdentifier(pipe)] = next
        next &+= 1
    }

    /// The peer can no longer be found; it keeps its id.
    mutating func retire(_ pipe: Pipe) {
        if let number = currentNumber(of: pipe) { pipes[number] = nil }
    }

    mutating func remove(_ pipe: Pipe) {
        retire(pipe)
        numbers[ObjectIdentifier(pipe)] = nil
    }
}
