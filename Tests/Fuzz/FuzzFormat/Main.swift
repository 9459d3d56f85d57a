import FuzzDriver
import KeelBase
import KeelDiagnostics
import KeelModel
import KeelYAML

/// Any bytes behind the head of a manifest, laid out: never another meaning, and nothing left to do the second time.
@main
struct Main {
    private static let head = Array("apiVersion: mailkeel/v1\n".utf8)

    static func main() {
        FuzzDriver.main { bytes in
            let text = bytes.firstRange(of: Array("mailkeel/".utf8)) == nil ? head + bytes : bytes
            let (source, result) = layOut(text)
            guard result.diagnostics.isEmpty else {
                return precondition(result.bytes == text, "a file with mistakes was changed")
            }
            let laidOut = SourceFile(path: "fuzz.yaml", bytes: result.bytes)
            precondition(result.isForeign || YAMLParser.firstDifference(source, laidOut) == nil, "the meaning changed")
            let again = layOut(result.bytes).result
            precondition(again.diagnostics.isEmpty && again.bytes == result.bytes, "the second time changed something")
        }
    }

    private static func layOut(_ bytes: [UInt8]) -> (source: SourceFile, result: FormattedManifest) {
        var sources = SourceMap()
        let id = sources.add(path: "fuzz.yaml", bytes: bytes)
        let result = ManifestFormatter.format(id, in: sources)
        // Doubt keeps a file from harm, but there should be none.
        let isSure = !result.diagnostics.contains { $0.code == "fmt.unsure" }
        precondition(isSure, "the layout is unsure of itself")
        return (sources[id], result)
    }
}
