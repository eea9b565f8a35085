// swift-tools-version: 6.2
import PackageDescription

/// What every target of this package is compiled with.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// The samples, one file each.
let samples: [String] = [
    "address-publisher", "address-subscriber", "async-worker", "capture-tap", "envelope-publisher",
    "envelope-subscriber", "forwarder", "hello-client", "hello-server", "http-server", "interrupt-server",
    "message-queue", "multithreaded-server", "request-broker", "request-client", "request-worker",
    "secure-hello", "status-page", "streamer", "sync-publisher", "sync-subscriber", "task-board", "task-sink",
    "task-ventilator",
    "task-worker", "thread-relay", "version", "weather-client", "weather-proxy", "weather-server",
    "weather-task-reader", "weather-task-worker",
]

/// Those with a status page.
let withStatusPage = ["request-broker", "status-page"]

/// The products that the targets of this package use.
extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let eventReactor = product(name: "EventReactor", package: "zmq-reactor")
    static let testSupport = product(name: "_ZMQReactorTestSupport", package: "zmq-reactor")
    static let status = product(name: "ZMQReactorStatus", package: "zmq-reactor")
    static let zmqReactor = product(name: "ZMQReactor", package: "zmq-reactor")
}

let package = Package(
    name: "zmq-reactor-samples",
    traits: [
        .trait(name: "Curve", description: "The CURVE security mechanism; needs libsodium."),
        .trait(name: "TLS", description: "WebSockets over TLS, wss://; needs OpenSSL."),
        .trait(name: "Multicast", description: "The transports pgm and epgm; needs no library."),
        .default(enabledTraits: ["Curve", "TLS", "Multicast"]),
    ],
    dependencies: [
        .package(
            name: "zmq-reactor",
            path: "../",
            traits: [
                .trait(name: "Curve", condition: .when(traits: ["Curve"])),
                .trait(name: "TLS", condition: .when(traits: ["TLS"])),
                .trait(name: "Multicast", condition: .when(traits: ["Multicast"])),
            ]
        ),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "zmqcat",
            dependencies: [.zmqReactor, .argumentParser],
            path: "zmqcat",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZmqcatTests",
            dependencies: ["zmqcat", .eventReactor, .testSupport, .zmqReactor],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SampleTests",
            dependencies: [.eventReactor, .testSupport] + samples.map { .byName(name: $0) },
            swiftSettings: settings
        ),
    ]
        + samples.map { name in
            .executableTarget(
                name: name,
                dependencies: [.zmqReactor, .argumentParser] + (withStatusPage.contains(name) ? [.status] : []),
                path: ".",
                exclude: ["browser", "packages", "run", "Tests", "valgrind.supp", "zmqcat"]
                    + samples.filter { $0 != name }.map { "\($0).swift" },
                sources: ["\(name).swift"],
                swiftSettings: settings
            )
        }
)
