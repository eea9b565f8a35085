// swift-tools-version: 6.2
// Stores readings of sensors in SQLite, publishes them and answers queries: a whole service, from configuration to systemd.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Asynchronous functions stay on the reactor of their caller, and may use its sockets.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let zmqReactor: Target.Dependency = .product(name: "ZMQReactor", package: "zmq-reactor")

let package = Package(
    name: "telemetry-service",
    dependencies: [
        // In a copy of this folder: .package(url: "https://…/zmq-reactor.git", branch: "main")
        .package(
            name: "zmq-reactor",
            path: "../../..",
            traits: [.defaults, "Configuration", "Logging", "Metrics", "ServiceLifecycle"]
        ),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: ["CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .target(
            name: "Telemetry",
            dependencies: [
                zmqReactor,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "telemetry-service",
            dependencies: [
                "Telemetry", zmqReactor,
                .product(name: "ZMQReactorConfiguration", package: "zmq-reactor"),
                .product(name: "ZMQReactorLogging", package: "zmq-reactor"),
                .product(name: "ZMQReactorMetrics", package: "zmq-reactor"),
                .product(name: "ZMQReactorServiceLifecycle", package: "zmq-reactor"),
                .product(name: "ZMQReactorStatus", package: "zmq-reactor"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "Telemetry", "telemetry-service", zmqReactor,
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ZMQReactorTesting", package: "zmq-reactor"),
            ],
            swiftSettings: settings
        ),
    ]
)
