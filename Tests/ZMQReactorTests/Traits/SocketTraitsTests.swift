import Testing
import ZMQReactorTestSupport
import ZMTP

@testable import ZMQReactor

@Suite struct SocketTraitsTests {
    @Test("the matrix of all types has each one, except for those that do not speak ZMTP") func matrixIsWhole() {
        let all = SocketType.allCases.filter { $0.traits.isDisjoint(with: [.raw, .datagrams]) }
        #expect(Set(MatrixType.all.map(\.type)) == Set(all))
        #expect(SocketType.allCases.allSatisfy { !$0.traits.isEmpty })
    }

    @Test("the class of a type sends and receives according to its traits", arguments: MatrixType.all)
    func verbs(of matrix: MatrixType) throws {
        try withScene { scene in
            let (socket, traits) = (try matrix.socket(scene), matrix.type.traits)
            #expect(traits.contains(.receives) == (socket is any ReceivingSocket))
            #expect(traits.contains(.sends) == (socket is any SendingSocket))
            #expect(matrix.type.announcesIdentity == (socket is any RoutableSocket))
            #expect(matrix.type.takesSubscriptions == (socket is PublishingSocket || socket is RadioSocket))
            #expect(traits.contains(.selects) == (socket is SubSocket || socket is DishSocket))
            #expect(
                (matrix.type.frameLimit == 1)
                    == (traits.contains(.singleFrame) && traits.contains(.receives)
                        || socket is NumberingSocket)
            )
        }
    }

    @Test("compatibility is mutual") func peersAreMutual() {
        for one in SocketType.allCases {
            for other in one.compatibleTypes { #expect(other.isCompatible(with: one), "\(one) and \(other)") }
        }
    }

    @Test("a type in lockstep both sends and receives") func consistency() {
        for type in SocketType.allCases {
            let traits = type.traits
            if traits.contains(.lockstep) { #expect(traits.isSuperset(of: [.sends, .receives])) }
            if traits.contains(.captures) { #expect(traits.contains(.sends) && !traits.contains(.lockstep)) }
            if traits.contains(.controls) { #expect(traits.contains(.receives)) }
        }
    }
}
