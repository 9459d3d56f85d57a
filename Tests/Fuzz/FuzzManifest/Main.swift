import FuzzDriver
import Glibc
import KeelDiagnostics

/// Any bytes as the files of a project, through loading, resolving, lint and showing what is wrong in every format.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            var project = FuzzProject(bytes)
            let report = project.load()
            project.checkPlaces(of: report)
            if hasPlantedCrash { crash(on: report) }
            project.show(report, format: bytes.count)
        }
    }

    /// Whether a crash is to be found: `.ci/fuzz selftest` shows that it is.
    private static let hasPlantedCrash = unsafe getenv("KEEL_PLANTED_CRASH") != nil

    /// A crash far behind the parser that no input of the corpus meets.
    private static func crash(on report: DiagnosticReport) {
        func has(_ code: String) -> Bool { report.diagnostics.contains { $0.code == code } }
        guard has("manifest.plain-secret") else { return }
        guard has("manifest.bad-value") else { return }
        precondition(!has("yaml.duplicate-key"), "planted: this crash was put here to be found")
    }
}
