import FuzzDriver
import KeelDiagnostics

/// Any bytes as the files of a project, through loading, resolving, lint and showing what is wrong in every format.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            var project = FuzzProject(bytes)
            let report = project.load()
            project.checkPlaces(of: report)
            FuzzDriver.plantCrash(when: isFar(report))
            project.show(report, format: bytes.count)
        }
    }

    /// What lies far behind the parser, and no input of the corpus meets.
    private static func isFar(_ report: DiagnosticReport) -> Bool {
        func has(_ code: String) -> Bool { report.diagnostics.contains { $0.code == code } }
        guard has("manifest.plain-secret") else { return false }
        guard has("manifest.bad-value") else { return false }
        return has("yaml.duplicate-key")
    }
}
