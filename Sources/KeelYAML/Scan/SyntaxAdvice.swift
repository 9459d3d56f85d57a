import KeelBase
import KeelDiagnostics

/// Says what libyaml found wrong in the words of somebody who writes manifests, with the usual cause.
struct SyntaxAdvice {
    let source: SourceFile
    let file: SourceFileID

    func diagnostic(for fault: SyntaxFault) -> Diagnostic {
        guard let problem = fault.problem else {
            return .error("yaml.limit", "not enough memory to read the file", at: range(.start))
        }
        let position = fault.position ?? fault.contextPosition ?? .start
        let since = fault.contextPosition ?? position
        let advice = Self.advice(problem, context: fault.context ?? "", at: surroundings(position))
        if advice.isAboutContext {
            return .error(advice.code, advice.message, at: restOfLine(since), help: advice.help)
        }
        var notes: [Diagnostic.Note] = []
        if since.line != position.line, let context = fault.context {
            notes.append(.init(Self.reworded(context) + " that begins here", at: range(since)))
        }
        return .error(advice.code, advice.message, at: range(position), notes: notes, help: advice.help)
    }

    private func range(_ position: SourcePosition) -> SourceRange { SourceRange(file: file, at: position) }

    private func restOfLine(_ start: SourcePosition) -> SourceRange {
        let scalars = String(decoding: source.line(start.line), as: UTF8.self).unicodeScalars.count
        return SourceRange(file: file, start: start, end: SourcePosition(line: start.line, column: scalars + 1))
    }

    /// The character at a place, nil at the end of a line, and the one before it.
    private func surroundings(_ position: SourcePosition) -> Surroundings {
        let scalars = Array(String(decoding: source.line(position.line), as: UTF8.self).unicodeScalars)
        func scalar(_ column: Int) -> Unicode.Scalar? {
            column >= 1 && column <= scalars.count ? scalars[column - 1] : nil
        }
        return Surroundings(before: scalar(position.column - 1), here: scalar(position.column))
    }

    /// `while parsing a block mapping` becomes `in the mapping`.
    private static func reworded(_ context: String) -> String {
        let words = ForeignText(context).text
        let things = [
            "block mapping": "the mapping", "flow mapping": "the mapping in braces", "block collection": "the list",
            "flow sequence": "the list in brackets", "quoted scalar": "the quoted text", "plain scalar": "the text",
            "block scalar": "the block text", "simple key": "the line",
        ]
        for (thing, name) in things where words.hasSuffix(thing) { return "in " + name }
        return words
    }
}

extension SyntaxAdvice {
    private struct Advice {
        var code = "yaml.syntax"
        let message: String
        var help: String?
        /// Whether the place to show is where the construct began, because libyaml noticed only lines later.
        var isAboutContext = false
    }

    private struct Surroundings {
        let before: Unicode.Scalar?
        let here: Unicode.Scalar?

        /// Within brackets `${...}` ends at its first brace.
        var isVariable: Bool { before == "$" && here == "{" }
    }

    private static func advice(_ problem: String, context: String, at place: Surroundings) -> Advice {
        switch problem {
        case "did not find expected ',' or ']'" where place.isVariable,
            "did not find expected ',' or '}'" where place.isVariable:
            Advice(message: "\"${...}\" within brackets must be quoted", help: "write \"${...}\" in double quotes")
        case "mapping values are not allowed in this context":
            Advice(
                message: "\":\" is not allowed here",
                help: "quote a text that contains \": \"; indent a new field like its neighbours")
        case "could not find expected ':'":
            Advice(
                message: "expected \":\" after this", help: "write \"name: value\", with a blank after the colon",
                isAboutContext: true)
        case "did not find expected key":
            Advice(
                message: "expected a field name",
                help: "indent a field like its neighbours; put nothing behind a closing quote or bracket")
        case "did not find expected '-' indicator":
            Advice(message: "expected \"-\"", help: "indent a list item like its neighbours")
        case "block sequence entries are not allowed in this context":
            Advice(message: "a list item is not allowed here", help: "begin the list on the line below its field name")
        case "did not find expected <document start>":
            Advice(
                message: "expected the end of the document",
                help: "indent a field like its neighbours; begin another document with ---")
        case "did not find expected ',' or ']'":
            Advice(message: "expected \",\" or \"]\"", help: "close the list, or quote a text that begins with \"[\"")
        case "did not find expected ',' or '}'":
            Advice(
                message: "expected \",\" or \"}\"", help: "close the mapping, or quote a text that begins with \"{\"")
        case "found unexpected end of stream", "found unexpected document indicator":
            Advice(message: "the quoted text is not closed", help: "add the closing quote", isAboutContext: true)
        case "found unknown escape character":
            Advice(
                message: "unknown escape in a double-quoted text",
                help: "write \\\\ for a backslash, or use single quotes")
        case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
            Advice(
                message: "escape is not a Unicode character",
                help: "write \\xHH, \\uHHHH or \\UHHHHHHHH, or use single quotes")
        case "did not find expected comment or line break":
            Advice(message: "the text of a block begins on the line below \"|\" or \">\"")
        default: rareAdvice(problem, context: context, at: place.here)
        }
    }

    private static func rareAdvice(_ problem: String, context: String, at character: Unicode.Scalar?) -> Advice {
        switch problem {
        case "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            return tab
        case "found character that cannot start any token":
            guard let character, character != "\t" else { return tab }
            return Advice(message: "a text cannot begin with \(quoted(character))", help: "quote the text")
        case "did not find expected alphabetic or numeric character":
            let sign = context.hasSuffix("alias") ? "*" : "&"
            let meaning = sign == "*" ? "refers to an anchor" : "names an anchor"
            return Advice(message: "\"\(sign)\" \(meaning), and no name follows", help: "quote a text that begins so")
        case "found incompatible YAML document":
            return Advice(
                code: "yaml.version", message: "unsupported YAML version", help: "write %YAML 1.2, or remove the line")
        case "found undefined tag handle":
            return Advice(code: "yaml.tag", message: "unknown tag handle", help: "remove the tag")
        case "found unknown directive name":
            return Advice(message: "unknown directive", help: "quote a text that begins with \"%\"")
        case "did not find expected node content":
            return Advice(message: "expected a value", help: "quote a text that begins with a special character")
        default: return Advice(message: ForeignText(problem).text)
        }
    }

    private static let tab = Advice(message: "a tab cannot indent", help: "indent with spaces")

    private static func quoted(_ character: Unicode.Scalar) -> String {
        "\"" + ForeignText(String(character)).text + "\""
    }
}
