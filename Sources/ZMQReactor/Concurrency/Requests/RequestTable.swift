/// The requests that have been sent, by the numbers that their replies carry.
///
/// A number is given once in 2³², so that a late reply finds no other request. Its lowest bits are the place in the
/// table; a number whose place is taken is passed over. At most half of the places are taken.
struct RequestTable {
    private var places: ContiguousArray<ClientRequest?>
    private var next: UInt32
    private(set) var count = 0

    /// - Parameter first: the first number; random, so that replies to an earlier run of the program match nothing.
    init(first: UInt32 = .random(in: .min ... .max)) {
        places = ContiguousArray(repeating: nil, count: 16)
        next = first
    }

    private func place(of number: UInt32) -> Int { Int(number) & (places.count &- 1) }

    /// Adds a request, and gives it a number.
    mutating func add(_ request: ClientRequest) {
        if count * 2 >= places.count { grow() }
        while places[place(of: next)] != nil { next &+= 1 }
        request.number = next
        places[place(of: next)] = request
        next &+= 1
        count += 1
    }

    /// Removes the request with this number, if there is one.
    mutating func remove(_ number: UInt32) -> ClientRequest? {
        let place = place(of: number)
        guard let request = places[place], request.number == number else { return nil }
        places[place] = nil
        count -= 1
        return request
    }

    /// All requests, in no order.
    var all: [ClientRequest] { places.compactMap(\.self) }

    /// Two numbers that differ in their lowest bits differ in more of them.
    private mutating func grow() {
        var larger = ContiguousArray<ClientRequest?>(repeating: nil, count: places.count * 2)
        for request in places {
            if let request { larger[Int(request.number) & (larger.count - 1)] = request }
        }
        places = larger
    }
}
