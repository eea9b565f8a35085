// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of this package is compiled with.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// The programs in `Samples/`, one file each.
let samples: [String] = [
    "address-publisher", "address-subscriber", "async-worker", "capture-tap", "envelope-publisher",
    "envelope-subscriber", "forwarder", "hello-client", "hello-server", "http-server", "interrupt-server",
    "message-queue", "multithreaded-server", "request-broker", "request-client", "request-worker", "streamer",
    "sync-publisher", "sync-subscriber", "task-sink", "task-ventilator", "task-worker", "thread-relay",
    "version", "weather-client", "weather-proxy", "weather-server", "weather-task-reader",
    "weather-task-worker",
]

let package = Package(
    name: "zmq-reactor",
    products: [
        .library(name: "ZMQReactor", targets: ["ZMQReactor"]),
        .library(name: "EventReactor", targets: ["EventReactor"]),
        .executable(name: "zmqcat", targets: ["zmqcat"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        .target(name: "CLibev", linkerSettings: [.linkedLibrary("ev")]),
        .target(name: "CSockets"),
        .target(name: "EventReactor", dependencies: ["CLibev"], swiftSettings: settings),
        .target(name: "ZMTP", swiftSettings: settings),
        .target(name: "ZMQReactor", dependencies: ["CSockets", "EventReactor", "ZMTP"], swiftSettings: settings),
        .executableTarget(
            name: "zmqcat",
            dependencies: ["ZMQReactor", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings
        ),

        .target(
            name: "TestSupport",
            dependencies: ["EventReactor", "ZMQReactor"],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport", "ZMQReactor"], swiftSettings: settings),
        .testTarget(name: "EventReactorTests", dependencies: ["EventReactor", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "ZMTPTests", dependencies: ["ZMTP", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "ZMQReactorTests", dependencies: ["ZMQReactor", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ZmqcatTests",
            dependencies: ["TestSupport", "ZMQReactor", "zmqcat"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DocumentationTests",
            dependencies: ["EventReactor", "TestSupport", "ZMQReactor"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SampleTests",
            dependencies: ["EventReactor", "TestSupport"] + samples.map { .byName(name: $0) },
            swiftSettings: settings
        ),
    ]
        + samples.map { name in
            .executableTarget(
                name: name,
                dependencies: [
                    "ZMQReactor", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                ],
                path: "Samples",
                exclude: ["run"] + samples.filter { $0 != name }.map { "\($0).swift" },
                sources: ["\(name).swift"],
                swiftSettings: settings
            )
        }
)
