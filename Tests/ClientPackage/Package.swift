// swift-tools-version: 6.2
// A package of a user, for Tests/traits, which copies it to a folder outside of the tree.
import PackageDescription

let traits: Set<Package.Dependency.Trait> = [
    .defaults, "Configuration", "Logging", "Metrics", "ServiceLifecycle", "Tracing",
]

let package = Package(
    name: "client",
    dependencies: [
        .package(name: "zmq-reactor", path: Context.environment["ZMQ_REACTOR"] ?? "../..", traits: traits),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
    ],
    targets: [
        .executableTarget(
            name: "client",
            dependencies: [
                .product(name: "ZMQReactor", package: "zmq-reactor"),
                .product(name: "ZMQReactorConfiguration", package: "zmq-reactor"),
                .product(name: "ZMQReactorFoundation", package: "zmq-reactor"),
                .product(name: "ZMQReactorLogging", package: "zmq-reactor"),
                .product(name: "ZMQReactorMetrics", package: "zmq-reactor"),
                .product(name: "ZMQReactorServiceLifecycle", package: "zmq-reactor"),
                .product(name: "ZMQReactorStatus", package: "zmq-reactor"),
                .product(name: "ZMQReactorTracing", package: "zmq-reactor"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            path: "Sources",
            swiftSettings: [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
        )
    ]
)
