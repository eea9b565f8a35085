// swift-tools-version: 6.2
// Requests and shared state that survive crashes: lazy pirate, Majordomo and clone, with a test that kills every part.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Asynchronous functions stay on the reactor of their caller, and may use its sockets.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let zmqReactor: Target.Dependency = .product(name: "ZMQReactor", package: "zmq-reactor")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func program(_ name: String, _ pattern: String) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.byName(name: pattern), zmqReactor, argumentParser],
        swiftSettings: settings
    )
}

let package = Package(
    name: "reliable-patterns",
    products: [
        .library(name: "LazyPirate", targets: ["LazyPirate"]),
        .library(name: "Majordomo", targets: ["Majordomo"]),
        .library(name: "Clone", targets: ["Clone"]),
    ],
    dependencies: [
        // In a copy of this folder: .package(url: "https://…/zmq-reactor.git", branch: "main")
        .package(name: "zmq-reactor", path: "../../.."),
        // For the programs.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .target(name: "LazyPirate", dependencies: [zmqReactor], swiftSettings: settings),
        program("pirate-server", "LazyPirate"),
        program("pirate-client", "LazyPirate"),

        .target(name: "Majordomo", dependencies: [zmqReactor], swiftSettings: settings),
        program("majordomo-broker", "Majordomo"),
        program("majordomo-worker", "Majordomo"),
        program("majordomo-client", "Majordomo"),

        .target(name: "Clone", dependencies: [zmqReactor], swiftSettings: settings),
        program("clone-server", "Clone"),
        program("clone-client", "Clone"),

        .testTarget(
            name: "ReliablePatternsTests",
            dependencies: [
                "LazyPirate", "Majordomo", "Clone",
                "pirate-server", "pirate-client", "majordomo-broker", "majordomo-worker", "majordomo-client",
                "clone-server", "clone-client",
                zmqReactor, .product(name: "ZMQReactorTesting", package: "zmq-reactor"),
            ],
            swiftSettings: settings
        ),
    ]
)
