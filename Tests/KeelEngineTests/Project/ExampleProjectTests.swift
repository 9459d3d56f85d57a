import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSystem
import Testing

struct ExampleProjectTests {
    private static let directory = "\(#filePath)".replacing(
        "/Tests/KeelEngineTests/Project/ExampleProjectTests.swift", with: "/examples")

    private static let names =
        ((try? SystemFileStore().list(directory)) ?? []).filter { $0.kind == .directory }.map(\.name).sorted()

    @Test func `there are examples`() { #expect(Self.names.contains("microsoft365")) }

    @Test(arguments: names)
    func `an example has neither errors nor warnings`(name: String) {
        let project = Project.load(
            ProjectPaths(
                directory: "\(Self.directory)/\(name)", environment: ProcessEnvironment([:]),
                configuration: "/configuration"),
            files: SystemFileStore(), now: Timestamp(seconds: 1_795_219_200))
        let findings = project.report.diagnostics.filter { $0.severity != .note }
        #expect(findings.isEmpty, "\(findings.map { "\($0.code): \($0.message)" })")
    }
}
