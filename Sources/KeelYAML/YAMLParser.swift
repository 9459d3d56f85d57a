import KeelDiagnostics

/// Reads YAML 1.1 and 1.2 files into located documents.
package enum YAMLParser {
    /// Reads a file of `sources`.
    ///
    /// Every mistake that can be found is reported. A syntax error or a limit ends the file: the documents before it
    /// are kept, what follows is not read. A document with an alias that leads nowhere is left out.
    package static func parse(_ id: SourceFileID, in sources: SourceMap, limits: YAMLLimits = .standard) -> YAMLStream {
        let source = sources[id]
        let refusals = SourceAdmission(file: id, source: source, limits: limits).refusals
        guard refusals.isEmpty else { return YAMLStream(documents: [], diagnostics: refusals, isComplete: false) }
        var builder = TreeBuilder(file: id, size: source.bytes.count, limits: limits)
        EventReader.read(source) { reader in
            do throws(SyntaxFault) { while try builder.add(reader.next(), from: reader) {} } catch {
                builder.stop(at: SyntaxAdvice(source: source, file: id).diagnostic(for: error))
            }
        }
        let (tree, documents, mistakes, isComplete) = builder.finish()
        return YAMLStream(
            documents: documents.map { YAMLDocument(tree: tree, $0) },
            diagnostics: KeyCheck(tree: tree, mistakes: mistakes).mistakes.diagnostics,
            isComplete: isComplete)
    }
}
