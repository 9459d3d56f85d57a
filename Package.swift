// swift-tools-version: 6.2
import PackageDescription

// Read from the top, this file is the architecture: each layer may import only what its rows
// list, and every outside library has exactly one home. `.ci/check-imports` enforces both;
// docs/architecture.md gives the reasons.

/// The settings that every Swift target shares; a target never adds its own.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A library and its tests, which read the files of `corpus` where they stand.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], tested: Bool = true,
    testing testDependencies: [Target.Dependency] = [], corpus: [String] = [], link: [LinkerSetting] = []
) -> [Target] {
    let library = Target.target(
        name: name, dependencies: dependencies, swiftSettings: settings, linkerSettings: link)
    guard tested else { return [library] }
    let tests = Target.testTarget(
        name: name + "Tests",
        dependencies: [.target(name: name), "KeelTestSupport"] + (name == "KeelBase" ? [] : ["KeelBase"])
            + testDependencies,
        exclude: corpus, swiftSettings: settings)
    return [library, tests]
}

/// A library of the system: shared while developing, inside the program as shipped.
func system(_ name: String) -> [LinkerSetting] {
    [
        .linkedLibrary(name, .when(configuration: .debug)),
        .linkedLibrary(":lib\(name).a", .when(configuration: .release)),
    ]
}

// MARK: Outside libraries (reasons in docs/dependencies.md)

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")

/// A fuzz target: replays its corpus, or fuzzes when built with `-sanitize=fuzzer -D KEEL_FUZZING`.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: ["FuzzDriver"] + dependencies, path: "Tests/Fuzz/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "mailkeel",
    products: [.executable(name: "mailkeel", targets: ["mailkeel"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // MARK: System libraries: C headers, no code
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        // MARK: What tests share: scripted ports, marked text, scratch directories
        .target(
            name: "KeelTestSupport", dependencies: ["KeelBase"], path: "Tests/KeelTestSupport",
            swiftSettings: settings),
    ]
        // MARK: Layer 0: the vocabulary and the ports
        + library("KeelBase")
        // MARK: Layer 1: one job each, no knowledge of resources
        + library("KeelDiagnostics", ["KeelBase"])
        + library("KeelCrypto", ["KeelBase", crypto, cryptoExtras, swiftASN1], testing: ["KeelSystem"])
        + library("KeelSystem", ["KeelBase", subprocess, systemPackage])
        + library("KeelProviders", ["KeelBase"], testing: ["KeelMail", "KeelOAuth"])
        // MARK: Layer 2: documents, protocol machines, the network
        + library(
            "KeelYAML", ["KeelBase", "KeelDiagnostics", "CLibYAML"], testing: ["KeelDiagnostics"],
            link: system("yaml"))
        + library("KeelOAuth", ["KeelBase", "KeelCrypto"], testing: ["KeelCrypto"])
        + library("KeelMail", ["KeelBase", "KeelCrypto"])
        + library(
            "KeelNet",
            ["KeelBase", "KeelCrypto", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS, swiftASN1, x509])
        + library(
            "KeelHTTPServer",
            ["KeelBase", httpTypes, hummingbirdCore, hummingbirdTLS, logging, nioCore, nioPosix, nioSSL],
            testing: [nioCore, nioEmbedded])
        // MARK: Layer 3: resources, and what is remembered of them
        + library(
            "KeelModel", ["KeelBase", "KeelDiagnostics", "KeelYAML", "KeelProviders"],
            testing: ["KeelDiagnostics", "KeelProviders", "KeelYAML"])
        + library("KeelState", ["KeelBase", "KeelCrypto"], testing: ["KeelSystem"], corpus: ["Formats"])
        + library(
            "KeelVault", ["KeelBase", "KeelCrypto", "KeelSystem", "CSQLite"],
            testing: ["KeelCrypto", "KeelSystem"], corpus: ["Formats"], link: system("sqlite3"))
        // MARK: Layer 4: what to do
        + library(
            "KeelPlan", ["KeelBase", "KeelDiagnostics", "KeelModel", "KeelState"],
            testing: ["KeelDiagnostics", "KeelModel", "KeelState", "KeelYAML"])
        // MARK: Layer 5: do it
        + library(
            "KeelEngine",
            [
                "KeelBase", "KeelDiagnostics", "KeelCrypto", "KeelSystem", "KeelProviders", "KeelYAML",
                "KeelOAuth", "KeelMail", "KeelModel", "KeelState", "KeelVault", "KeelPlan",
            ],
            testing: [
                "KeelCrypto", "KeelDiagnostics", "KeelMail", "KeelModel", "KeelOAuth", "KeelPlan", "KeelProviders",
                "KeelState", "KeelSystem", "KeelVault",
            ])
        // MARK: Layer 6: a provider and mail servers on loopback
        + library(
            "KeelSandbox", ["KeelBase", "KeelCrypto", "KeelNet", "KeelHTTPServer", crypto, cryptoExtras],
            testing: ["KeelCrypto", "KeelNet"])
        // MARK: Layer 7: commands; where the parts are put together
        + library(
            "KeelCLI",
            [
                "KeelBase", "KeelDiagnostics", "KeelCrypto", "KeelSystem", "KeelProviders", "KeelYAML",
                "KeelOAuth", "KeelMail", "KeelNet", "KeelHTTPServer", "KeelModel", "KeelState", "KeelVault", "KeelPlan",
                "KeelEngine", "KeelSandbox", argumentParser,
            ],
            testing: ["KeelDiagnostics", "KeelEngine", "KeelMail", "KeelPlan", "KeelState", "KeelSystem", "KeelVault"])
        // MARK: Layer 8: the program
        + [
            .executableTarget(
                name: "mailkeel", dependencies: ["KeelBase", "KeelSystem", "KeelCLI"], swiftSettings: settings)
        ]
        // MARK: Under Tests: fuzz targets, a benchmark, and a build that leaks on purpose, for the canaries to catch
        + [
            .target(name: "FuzzDriver", path: "Tests/Fuzz/FuzzDriver", swiftSettings: settings),
            fuzz("FuzzManifest", ["KeelBase", "KeelDiagnostics", "KeelYAML", "KeelModel"]),
            fuzz("FuzzFormat", ["KeelBase", "KeelDiagnostics", "KeelYAML", "KeelModel"]),
            .target(
                name: "FuzzTalk", dependencies: ["FuzzDriver", "KeelBase", "KeelMail"], path: "Tests/Fuzz/FuzzTalk",
                swiftSettings: settings),
            fuzz("FuzzIMAP", ["FuzzTalk", "KeelMail"]),
            fuzz("FuzzSMTP", ["FuzzTalk", "KeelBase", "KeelMail"]),
            fuzz("FuzzPOP3", ["FuzzTalk", "KeelMail"]),
            fuzz("FuzzSASL", ["KeelBase", "KeelMail"]),
            fuzz("FuzzToken", ["KeelBase", "KeelOAuth"]),
            fuzz("FuzzDevice", ["KeelBase", "KeelOAuth"]),
            fuzz("FuzzDiscovery", ["KeelBase", "KeelOAuth"]),
            fuzz("FuzzRedirect", ["KeelBase", "KeelOAuth"]),
            .executableTarget(
                name: "LeakingMailkeel", dependencies: ["KeelBase", "KeelEngine", "KeelSystem", "KeelCLI"],
                path: "Tests/Canary/LeakingMailkeel", swiftSettings: settings),
            .executableTarget(
                name: "LoginThroughput", dependencies: ["KeelBase", "KeelMail", "KeelNet"],
                path: "Tests/Benchmarks/LoginThroughput", swiftSettings: settings),
        ]
)
