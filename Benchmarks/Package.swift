// swift-tools-version: 6.2
import PackageDescription

/// Our own programs, one file each: `Sources/reactor/<name>.swift`, with the arguments and the output line that
/// README.md describes. A new one is added here by its name; the driver finds it by that name.
let reactorPrograms: [String] = [
    "local_thr", "remote_thr", "local_lat", "remote_lat", "inproc_thr", "inproc_lat", "proxy_thr",
    "router_reqrep", "fanout", "matching", "connect_rate", "idle_memory", "subscription_memory",
    "reactor_bench", "request_client", "multicast_thr", "radio_thr",
    "attack_server",
    "gate_pipeline", "gate_reqrep", "gate_router", "gate_fanout", "gate_inproc", "gate_proxy",
    "gate_connections", "gate_timers",
]

/// The same programs against libzmq's C API: `Sources/libzmq/<name>.c`, built as `libzmq_<name>`.
let libzmqPrograms = [
    "local_thr", "remote_thr", "local_lat", "remote_lat", "inproc_thr", "inproc_lat", "proxy_thr",
    "router_reqrep", "fanout", "matching", "connect_rate", "idle_memory", "subscription_memory",
    "multicast_thr", "radio_thr", "attack_server",
]

/// The limits of the machine itself: `Sources/bare/<name>.c`, built as `bare_<name>`.
let barePrograms = ["thr", "lat", "router_reqrep", "reactor", "good_client", "attacker"]

/// The files beside a program that belong to other programs.
func others(of name: String, among names: [String], suffix: String) -> [String] {
    names.filter { $0 != name }.map { $0 + suffix }
}

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The libraries that programs of the bare limit are linked with.
let bareLibraries = ["reactor": ["ev"], "attacker": ["sodium"]]

let package = Package(
    name: "zmq-reactor-benchmarks",
    dependencies: [.package(name: "zmq-reactor", path: "../")],
    targets: [
        // Clock, arguments, latency recorder and the result line: the same code in every program of every side.
        .target(name: "CBench"),
        // What several of our programs have in common.
        .target(
            name: "ReactorBench",
            dependencies: ["CBench", .product(name: "ZMQReactor", package: "zmq-reactor")],
            swiftSettings: swiftSettings
        ),
        // A process of `Tests/soak`. It is here so that it is built with the others, with optimisation.
        .executableTarget(
            name: "soak_peer",
            dependencies: ["CBench", .product(name: "ZMQReactor", package: "zmq-reactor")],
            path: "Sources/soak",
            swiftSettings: swiftSettings
        ),
    ]
        + reactorPrograms.map { name in
            .executableTarget(
                name: name,
                dependencies: ["CBench", "ReactorBench", .product(name: "ZMQReactor", package: "zmq-reactor")],
                path: "Sources/reactor",
                exclude: others(of: name, among: reactorPrograms, suffix: ".swift"),
                sources: ["\(name).swift"],
                swiftSettings: swiftSettings
            )
        }
        + libzmqPrograms.map { name in
            .executableTarget(
                name: "libzmq_\(name)",
                dependencies: ["CBench"],
                path: "Sources/libzmq",
                exclude: others(of: name, among: libzmqPrograms, suffix: ".c"),
                sources: ["\(name).c"],
                linkerSettings: [.linkedLibrary("zmq")]
            )
        }
        + barePrograms.map { name in
            .executableTarget(
                name: "bare_\(name)",
                dependencies: ["CBench"],
                path: "Sources/bare",
                exclude: others(of: name, among: barePrograms, suffix: ".c"),
                sources: ["\(name).c"],
                linkerSettings: (bareLibraries[name] ?? []).map { .linkedLibrary($0) }
            )
        },
    cLanguageStandard: .gnu11
)
