import KeelDiagnostics
import KeelEngine
import KeelSystem
import KeelTestSupport
import Testing

/// Mistakes that a generator planted, through the loader that `validate` uses: exactly those come out.
struct PlantedMistakesTests {
    private static let directory = "/project"

    private func load(_ files: [(path: String, text: String)]) -> Project {
        let store = InMemoryFileStore(directories: [Self.directory])
        for file in files { store.put("\(Self.directory)/\(file.path)", file.text) }
        return Project.load(
            ProjectPaths(
                directory: Self.directory, environment: ProcessEnvironment([:]), configuration: "/configuration"),
            files: store)
    }

    /// All mistakes in their order. Notes are none.
    private func mistakes(_ project: Project) -> [Diagnostic] {
        project.report.sorted(in: project.sources).filter { $0.severity != .note }
    }

    private func findings(_ project: Project) -> [String] {
        mistakes(project).map { diagnostic in
            let place = diagnostic.range.map { "\(project.sources[$0.file].path):\($0.start)" }
            return "\(place ?? "nowhere") \(diagnostic.code)"
        }
    }

    @Test(arguments: PlantedProject.seeds)
    func `exactly what was planted comes out, in order`(seed: Int) {
        let planted = PlantedProject(seed: seed)
        let project = load(planted.files)
        let found = findings(project)
        #expect(!planted.expected.isEmpty && planted.expected.count <= 41)
        #expect(project.report.hasErrors)
        guard found != planted.expected else { return }
        let missed = planted.expected.filter { !found.contains($0) }
        let extra = mistakes(project).filter { diagnostic in
            !planted.expected.contains {
                $0 == "\(diagnostic.range.map { "\(project.sources[$0.file].path):\($0.start)" } ?? "nowhere") "
                    + diagnostic.code
            }
        }
        let shown = DiagnosticTextRenderer(sources: project.sources, color: false).render(DiagnosticReport(extra))
        Issue.record("seed \(seed): missed \(missed)\nnot planted:\n\(shown)\nor another order: \(found)")
    }

    @Test(arguments: PlantedProject.seeds)
    func `a project without mistakes gets no word`(seed: Int) {
        let planted = PlantedProject(seed: seed, isSound: true)
        let project = load(planted.files)
        // Twelve manifests, a table and the project file.
        #expect(planted.files.count == 14)
        #expect(planted.expected.isEmpty)
        let report = DiagnosticReport(mistakes(project))
        let shown = DiagnosticTextRenderer(sources: project.sources, color: false).render(report)
        #expect(report.isEmpty, "seed \(seed):\n\(shown)")
    }

    @Test func `every class of mistake is planted, in every field that can have it`() {
        let planted = PlantedProject.seeds.reduce(into: Set<String>()) {
            $0.formUnion(PlantedProject(seed: $1).planted)
        }
        let never = PlantedProject.classes.subtracting(planted).sorted()
        #expect(never == [], "\(never)")
    }
}
