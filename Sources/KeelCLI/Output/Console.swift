import KeelBase
import KeelDiagnostics
import KeelSystem

/// Where a command's words go: data to standard output, everything else to standard error.
package struct Console: Sendable {
    /// For text on standard output.
    package let outputStyle: TextStyle
    /// For text on standard error.
    package let errorStyle: TextStyle
    let isJSON: Bool
    /// Whether standard error is a terminal on which something may be drawn again and again. In a pipeline's job it is none,
    /// even if it looks like one: there a log is kept.
    let isLive: Bool
    /// Whether standard output is a terminal, where somebody reads a table once it is whole.
    let isTable: Bool

    /// Colours go to terminals, unless the option, `NO_COLOR` (no-color.org) or a dumb terminal refuses them;
    /// `CLICOLOR_FORCE` sends them into pipes too.
    package init(environment: ProcessEnvironment, noColor: Bool, json: Bool) {
        isJSON = json
        let refused = noColor || environment.nonEmpty("NO_COLOR") != nil || environment["TERM"] == "dumb"
        let term = environment.nonEmpty("TERM")
        isTable = !json && Terminal.isTerminal(StandardStream.output.rawValue)
        isLive =
            !json && Terminal.isTerminal(StandardStream.error.rawValue) && term != nil && term != "dumb"
            && environment.nonEmpty("CI") == nil
        let forced = environment.nonEmpty("CLICOLOR_FORCE").map { $0 != "0" } ?? false
        func style(_ stream: StandardStream) -> TextStyle {
            TextStyle(color: !refused && !json && (forced || Terminal.isTerminal(stream.rawValue)))
        }
        outputStyle = style(.output)
        errorStyle = style(.error)
    }

    /// Writes data to standard output. A reader that has gone is no error; a full disk is.
    func output(_ text: String) throws {
        if case .failed(let reason) = StandardStream.output.write(text) {
            remark("standard output: \(reason)")
            throw ExitStatus.failed.exit
        }
    }

    /// Writes one JSON object as a line of standard output.
    func output(_ json: JSON) throws { try output(json.text() + "\n") }

    /// Writes each JSON object as a line of standard output.
    func output(lines objects: [JSON]) throws { try output(objects.map { $0.text() + "\n" }.joined()) }

    /// Writes a line to standard error.
    func remark(_ line: String) { _ = StandardStream.error.write(line + "\n") }

    /// Shows diagnostics: as text on standard error, or as JSON lines on standard output.
    func show(_ diagnostics: [Diagnostic], sources: SourceMap) throws {
        if isJSON {
            for diagnostic in diagnostics {
                try output(.object([.init("type", "diagnostic"), .init("diagnostic", diagnostic.json(in: sources))]))
            }
            return
        }
        let renderer = DiagnosticTextRenderer(sources: sources, color: errorStyle.color)
        for diagnostic in diagnostics { _ = StandardStream.error.write(renderer.render(diagnostic) + "\n") }
    }
}
