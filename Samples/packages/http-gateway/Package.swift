// swift-tools-version: 6.2
// A web server that has its requests answered by workers: Hummingbird in front, any number of workers behind.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let zmqReactor: Target.Dependency = .product(name: "ZMQReactor", package: "zmq-reactor")
let serviceLifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let zmqServices: Target.Dependency = .product(
    name: "ZMQReactorServiceLifecycle",
    package: "zmq-reactor"
)
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "http-gateway",
    dependencies: [
        // In a copy of this folder: .package(url: "https://…/zmq-reactor.git", branch: "main")
        .package(name: "zmq-reactor", path: "../../..", traits: [.defaults, "ServiceLifecycle"]),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
    ],
    targets: [
        .target(
            name: "Gateway",
            dependencies: [zmqReactor, zmqServices, hummingbird, serviceLifecycle],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "http-gateway",
            dependencies: ["Gateway", hummingbird, argumentParser],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "gateway-worker",
            dependencies: [zmqReactor, argumentParser],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "http-gateway", zmqReactor, hummingbird, serviceLifecycle],
            swiftSettings: settings
        ),
    ]
)
