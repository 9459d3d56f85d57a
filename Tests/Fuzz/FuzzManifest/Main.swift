import FuzzDriver
import KeelBase
import KeelDiagnostics
import KeelModel
import KeelYAML

/// Any bytes as a manifest, through loading, resolving and showing what is wrong with it.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            var sources = SourceMap()
            let id = sources.add(path: "fuzz.yaml", bytes: bytes)
            let stream = YAMLParser.parse(id, in: sources)
            var decoder = ManifestDecoder()
            _ = decoder.decode(stream.documents, directory: "")
            decoder.expandSets([:], in: sources)
            let resolver = Resolver(decoder.declarations)
            let report = DiagnosticReport(stream.diagnostics + decoder.diagnostics + resolver.diagnostics)
            _ = DiagnosticTextRenderer(sources: sources, color: true).render(report)
        }
    }
}
