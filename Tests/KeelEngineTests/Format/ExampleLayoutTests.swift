import KeelDiagnostics
import KeelEngine
import KeelSystem
import Testing

struct ExampleLayoutTests {
    private static let directory = "\(#filePath)".replacing(
        "/Tests/KeelEngineTests/Format/ExampleLayoutTests.swift", with: "/examples")

    @Test func `the examples are laid out as they should be`() {
        var run = LayoutRun(files: SystemFileStore(), writes: false)
        run.run(path: Self.directory)
        #expect(run.changes.map(\.diff) == [])
        #expect(run.diagnostics.isEmpty)
        #expect(run.sources.files.count >= 10)
    }
}
