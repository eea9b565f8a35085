// swift-tools-version: 6.2
import PackageDescription

// The libraries and their tests. The programs are separate packages, in Samples and Benchmarks, so that users of the
// libraries never resolve the dependencies of the programs.

/// What every Swift target of this package is compiled with.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// libsodium, where the trait `Curve` is enabled.
let sodium: Target.Dependency = .target(name: "CSodium", condition: .when(traits: ["Curve"]))

/// OpenSSL, where the trait `TLS` is enabled.
let openSSL: Target.Dependency = .target(name: "COpenSSL", condition: .when(traits: ["TLS"]))

let package = Package(
    name: "zmq-reactor",
    products: [
        .library(name: "ZMQReactor", targets: ["ZMQReactor"]),
        .library(name: "EventReactor", targets: ["EventReactor"]),
        .library(name: "ZMQReactorStatus", targets: ["ZMQReactorStatus"]),
        .library(name: "ZMQReactorTesting", targets: ["ZMQReactorTesting"]),
        // The test kit, for the tests in Samples, a separate package. Not part of the public API.
        .library(name: "_ZMQReactorTestSupport", targets: ["ZMQReactorTestSupport"]),
    ],
    traits: [
        .trait(name: "Curve", description: "The CURVE security mechanism; needs libsodium."),
        .trait(name: "TLS", description: "WebSockets over TLS, wss://; needs OpenSSL."),
        .trait(name: "Multicast", description: "The transports pgm and epgm; needs no library."),
        .default(enabledTraits: ["Curve", "TLS", "Multicast"]),
    ],
    targets: [
        .target(name: "CLibev", linkerSettings: [.linkedLibrary("ev")]),
        .target(name: "CSockets"),
        // Without the trait this target is empty: nothing imports it, and libsodium need not be installed.
        .target(
            name: "CSodium",
            cSettings: [.define("CSODIUM_ENABLED", .when(traits: ["Curve"]))],
            linkerSettings: [.linkedLibrary("sodium", .when(traits: ["Curve"]))]
        ),
        // As CSodium.
        .target(
            name: "COpenSSL",
            cSettings: [.define("COPENSSL_ENABLED", .when(traits: ["TLS"]))],
            linkerSettings: [
                .linkedLibrary("ssl", .when(traits: ["TLS"])), .linkedLibrary("crypto", .when(traits: ["TLS"])),
            ]
        ),
        .target(name: "EventReactor", dependencies: ["CLibev"], swiftSettings: settings),
        .target(name: "ZMTP", dependencies: [sodium], swiftSettings: settings),
        .target(
            name: "ZMQReactor",
            dependencies: ["CSockets", "EventReactor", "ZMTP", openSSL],
            swiftSettings: settings
        ),
        .target(
            name: "ZMQReactorStatus",
            dependencies: ["EventReactor", "ZMTP", "ZMQReactor"],
            // In the code, so that a program needs no file beside it.
            resources: [.embedInCode("Page")],
            swiftSettings: settings
        ),
        .target(
            name: "ZMQReactorTesting",
            dependencies: ["EventReactor", "ZMTP", "ZMQReactor"],
            swiftSettings: settings
        ),

        .target(
            name: "ZMQReactorTestSupport",
            dependencies: ["EventReactor", "ZMQReactor", "ZMQReactorTesting", sodium],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        // Programs of the tests that need a main thread of their own.
        .executableTarget(
            name: "MainActorProgram",
            dependencies: ["EventReactor"],
            path: "Tests/Programs/MainActor",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "AsyncMainProgram",
            dependencies: ["EventReactor"],
            path: "Tests/Programs/AsyncMain",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "DefaultIsolationProgram",
            dependencies: ["EventReactor"],
            path: "Tests/Programs/DefaultIsolation",
            swiftSettings: settings + [.defaultIsolation(MainActor.self)]
        ),
        .testTarget(
            name: "TestSupportTests",
            dependencies: ["ZMQReactorTestSupport", "ZMQReactor", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EventReactorTests",
            dependencies: ["EventReactor", "ZMQReactorTestSupport", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMTPTests",
            dependencies: ["ZMTP", "ZMQReactorTestSupport", "ZMQReactorTesting", sodium],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorTests",
            dependencies: ["ZMQReactor", "ZMQReactorTestSupport", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorStatusTests",
            dependencies: ["ZMQReactor", "ZMQReactorStatus", "ZMQReactorTestSupport", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorTestingTests",
            dependencies: ["ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WorldTests",
            dependencies: ["ZMTP", "ZMQReactor", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DocumentationTests",
            dependencies: ["EventReactor", "ZMQReactorTestSupport", "ZMQReactor", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
    ]
)
