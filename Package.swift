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

/// A product of another package that an adapter needs, where the adapter's trait is enabled, or one of several. Without
/// them the package is not even resolved.
func product(_ name: String, of package: String, trait: String...) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: Set(trait)))
}

let package = Package(
    name: "zmq-reactor",
    products: [
        .library(name: "ZMQReactor", targets: ["ZMQReactor"]),
        .library(name: "EventReactor", targets: ["EventReactor"]),
        .library(name: "ZMQReactorStatus", targets: ["ZMQReactorStatus"]),
        .library(name: "ZMQReactorTesting", targets: ["ZMQReactorTesting"]),
        // Conveniences for programs that use Foundation.
        .library(name: "ZMQReactorFoundation", targets: ["ZMQReactorFoundation"]),
        // Adapters to other packages, each with its trait.
        .library(name: "ZMQReactorLogging", targets: ["ZMQReactorLogging"]),
        .library(name: "ZMQReactorMetrics", targets: ["ZMQReactorMetrics"]),
        .library(name: "ZMQReactorServiceLifecycle", targets: ["ZMQReactorServiceLifecycle"]),
        .library(name: "ZMQReactorConfiguration", targets: ["ZMQReactorConfiguration"]),
        .library(name: "ZMQReactorTracing", targets: ["ZMQReactorTracing"]),
        // The test kit, for the tests in Samples, a separate package. Not part of the public API.
        .library(name: "_ZMQReactorTestSupport", targets: ["ZMQReactorTestSupport"]),
    ],
    traits: [
        .trait(name: "Curve", description: "The CURVE security mechanism; needs libsodium."),
        .trait(name: "TLS", description: "WebSockets over TLS, wss://; needs OpenSSL."),
        .trait(name: "Multicast", description: "The transports pgm and epgm; needs no library."),
        .trait(name: "Logging", description: "ZMQReactorLogging, the adapter to swift-log."),
        .trait(name: "Metrics", description: "ZMQReactorMetrics, the adapter to swift-metrics."),
        .trait(
            name: "ServiceLifecycle",
            description: "ZMQReactorServiceLifecycle, the adapter to swift-service-lifecycle."
        ),
        .trait(name: "Configuration", description: "ZMQReactorConfiguration, the adapter to swift-configuration."),
        .trait(name: "Tracing", description: "ZMQReactorTracing, the adapter to swift-distributed-tracing."),
        .default(enabledTraits: ["Curve", "TLS", "Multicast"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.3.0"),
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
            name: "ZMQReactorFoundation",
            dependencies: ["ZMQReactor"],
            path: "Sources/Adapters/Foundation",
            swiftSettings: settings
        ),
        // Without its trait an adapter is empty.
        .target(
            name: "ZMQReactorLogging",
            dependencies: ["ZMQReactor", product("Logging", of: "swift-log", trait: "Logging")],
            path: "Sources/Adapters/Logging",
            swiftSettings: settings
        ),
        .target(
            name: "ZMQReactorMetrics",
            dependencies: ["ZMQReactor", product("Metrics", of: "swift-metrics", trait: "Metrics")],
            path: "Sources/Adapters/Metrics",
            swiftSettings: settings
        ),
        .target(
            name: "ZMQReactorServiceLifecycle",
            dependencies: [
                "EventReactor", "ZMQReactor",
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "ServiceLifecycle"),
            ],
            path: "Sources/Adapters/ServiceLifecycle",
            swiftSettings: settings
        ),
        .target(
            name: "ZMQReactorConfiguration",
            dependencies: [
                "EventReactor", "ZMQReactor",
                product("Configuration", of: "swift-configuration", trait: "Configuration"),
            ],
            path: "Sources/Adapters/Configuration",
            swiftSettings: settings
        ),
        .target(
            name: "ZMQReactorTracing",
            dependencies: ["ZMQReactor", product("Tracing", of: "swift-distributed-tracing", trait: "Tracing")],
            path: "Sources/Adapters/Tracing",
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
        // Without its trait the tests of an adapter are empty.
        .testTarget(
            name: "ZMQReactorLoggingTests",
            dependencies: [
                "ZMQReactor", "ZMQReactorLogging", "ZMQReactorTesting",
                product("Logging", of: "swift-log", trait: "Logging"),
            ],
            path: "Tests/Adapters/Logging",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorMetricsTests",
            dependencies: [
                "ZMQReactor", "ZMQReactorMetrics", "ZMQReactorTesting",
                product("Metrics", of: "swift-metrics", trait: "Metrics"),
                product("MetricsTestKit", of: "swift-metrics", trait: "Metrics"),
            ],
            path: "Tests/Adapters/Metrics",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorStatusTests",
            dependencies: ["ZMQReactor", "ZMQReactorStatus", "ZMQReactorTestSupport", "ZMQReactorTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorFoundationTests",
            dependencies: ["ZMQReactorFoundation", "ZMQReactorTestSupport", "ZMQReactorTesting"],
            path: "Tests/Adapters/Foundation",
            swiftSettings: settings
        ),
        // Without its trait the tests of an adapter are empty.
        .testTarget(
            name: "ZMQReactorServiceLifecycleTests",
            dependencies: [
                "ZMQReactorServiceLifecycle", "ZMQReactorTestSupport", "ZMQReactorTesting",
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "ServiceLifecycle"),
                product("UnixSignals", of: "swift-service-lifecycle", trait: "ServiceLifecycle"),
                product("Logging", of: "swift-log", trait: "ServiceLifecycle"),
            ],
            path: "Tests/Adapters/ServiceLifecycle",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorConfigurationTests",
            dependencies: [
                "ZMQReactorConfiguration", "ZMQReactorTestSupport", "ZMQReactorTesting",
                product("Configuration", of: "swift-configuration", trait: "Configuration"),
            ],
            path: "Tests/Adapters/Configuration",
            swiftSettings: settings
        ),
        .testTarget(
            name: "ZMQReactorTracingTests",
            dependencies: [
                "ZMQReactorTracing", "ZMQReactorTestSupport", "ZMQReactorTesting",
                product("Tracing", of: "swift-distributed-tracing", trait: "Tracing"),
                product("InMemoryTracing", of: "swift-distributed-tracing", trait: "Tracing"),
            ],
            path: "Tests/Adapters/Tracing",
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
            dependencies: [
                "EventReactor", "ZMQReactorTestSupport", "ZMQReactor", "ZMQReactorStatus", "ZMQReactorTesting",
                "ZMQReactorConfiguration", "ZMQReactorFoundation", "ZMQReactorLogging", "ZMQReactorMetrics",
                "ZMQReactorServiceLifecycle", "ZMQReactorTracing",
                product("Configuration", of: "swift-configuration", trait: "Configuration"),
                product("Logging", of: "swift-log", trait: "Logging", "ServiceLifecycle"),
                product("ServiceLifecycle", of: "swift-service-lifecycle", trait: "ServiceLifecycle"),
                product("UnixSignals", of: "swift-service-lifecycle", trait: "ServiceLifecycle"),
            ],
            swiftSettings: settings
        ),
    ]
)
