import KeelBase
import KeelDiagnostics
import KeelYAML

/// Turns the documents of one file into declarations, and every mistake into a diagnostic.
package struct ManifestDecoder {
    /// The one value of `apiVersion`.
    package static let apiVersion = "mailkeel/v1"

    package private(set) var declarations = Declarations()
    package private(set) var diagnostics: [Diagnostic] = []

    package init() {}

    /// What a file's documents are.
    package enum FileContent: Sendable, Equatable {
        /// At least one document, and all of them Mailkeel's.
        case manifests
        /// No document of Mailkeel's: another tool's file, to be skipped.
        case foreign
        /// Both: an error, because nobody could say what was meant.
        case mixed
    }

    /// Decodes the file's documents.
    ///
    /// `directory` is that of the file, relative to the project; empty for the project's own.
    package mutating func decode(_ documents: [YAMLDocument], directory: String) -> FileContent {
        let roots = documents.compactMap(\.root)
        let ours = roots.filter(Self.isOurs)
        guard !ours.isEmpty else { return .foreign }
        guard ours.count == roots.count else {
            for root in roots where !Self.isOurs(root) {
                diagnostics.append(
                    Diagnostic(
                        .error, "manifest.mixed-file",
                        "this document is no manifest, but others in the file are", at: root.range.firstLine,
                        help: "give it apiVersion: \(Self.apiVersion), or move it to a file of its own"))
            }
            markIncomplete()
            return .mixed
        }
        for root in ours { decodeResource(root, directory) }
        return .manifests
    }

    /// Notes that manifests could not be read: what they may declare is not missed where it is named.
    package mutating func markIncomplete() { declarations.lose(nil) }

    /// Whether a document claims to be a manifest: a mapping whose `apiVersion` begins with `mailkeel/`.
    private static func isOurs(_ root: YAMLNode) -> Bool {
        guard case .mapping(let mapping) = root.content else { return false }
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content, name.text == "apiVersion" else { continue }
            if case .scalar(let version) = value.content { return version.text.hasPrefix("mailkeel/") }
        }
        return false
    }

    private mutating func decodeResource(_ root: YAMLNode, _ directory: String) {
        guard case .mapping(let mapping) = root.content else { return }
        let envelope = decodeEnvelope(mapping)
        if !declare(envelope, root, directory) { declarations.lose(envelope.writtenName) }
    }

    /// Declares the resource; false if a mistake around its spec keeps it from being declared.
    private mutating func declare(_ envelope: Envelope, _ root: YAMLNode, _ directory: String) -> Bool {
        // What another version means is not known here, so nothing in it is called a mistake.
        guard envelope.isKnownVersion else { return false }
        if !envelope.written.contains("kind") {
            missing(
                "kind", root.range.firstLine,
                help: "write kind: \(ManifestDecoder.kinds.joined(separator: " or kind: "))")
        }
        guard let metadata = envelope.metadata else {
            if !envelope.written.contains("metadata") {
                missing("metadata", root.range.firstLine, help: "write metadata: { name: ... }")
            }
            return false
        }
        guard let header = decodeMetadata(metadata), let kind = envelope.kind else { return false }
        guard let spec = envelope.spec else {
            if !envelope.written.contains("spec") {
                missing("spec", header.name.range, help: "every \(kind.rawValue) has a spec")
            }
            return false
        }
        switch kind {
        case .emailAccount:
            let declaration: DeclaredAccount? = declaration(header, spec, directory)
            if let declaration { declarations.accounts.append(declaration) }
        case .oauthProfile:
            let declaration: DeclaredProfile? = declaration(header, spec, directory)
            if let declaration { declarations.profiles.append(declaration) }
        case .authorization: return false
        }
        return true
    }

    private struct Envelope {
        static let fields = ["apiVersion", "kind", "metadata", "spec"]
        var isKnownVersion = true
        var kind: ResourceKind?
        var metadata: YAMLNode?
        var spec: YAMLNode?
        /// The fields that are there, if only under a mistyped name.
        var written: Set<String> = []

        /// The name as it was written, however wrong the rest is.
        var writtenName: String? {
            guard case .mapping(let mapping)? = metadata?.content else { return nil }
            return mapping.first { $0.key.isScalar("name") }?.value.scalar?.text
        }
    }

    private mutating func decodeEnvelope(_ mapping: YAMLMapping) -> Envelope {
        var envelope = Envelope()
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content else { continue }
            envelope.written.insert(name.text)
            switch name.text {
            case "apiVersion": envelope.isKnownVersion = checkVersion(value)
            case "kind": envelope.kind = decodeKind(value)
            case "metadata": envelope.metadata = value
            case "spec": envelope.spec = value
            default:
                if let meant = unknown(name.text, key.range, in: "a manifest", known: Envelope.fields) {
                    envelope.written.insert(meant)
                }
            }
        }
        return envelope
    }

    private mutating func declaration<Field: ResourceField>(
        _ header: Header, _ spec: YAMLNode, _ directory: String
    ) -> Declaration<Field>? {
        guard let table = FieldTable.of(Field.kind) else { return nil }
        var decoder = SpecDecoder<Field>(table: table)
        decoder.decode(spec, owner: header.name)
        diagnostics += decoder.diagnostics.map { $0.about(ResourceAddress(Field.kind, header.name.value)) }
        return Declaration(
            name: header.name, labels: header.labels, annotations: header.annotations, spec: decoder.spec,
            directory: directory)
    }

    // MARK: The parts of the envelope

    private static let kinds = [ResourceKind.emailAccount.rawValue, ResourceKind.oauthProfile.rawValue]

    private mutating func checkVersion(_ node: YAMLNode) -> Bool {
        guard case .scalar(let version) = node.content, version.text != Self.apiVersion else { return true }
        diagnostics.append(
            Diagnostic(
                .error, "manifest.unknown-version",
                "this version of Mailkeel does not know apiVersion \(quoted(version.text))", at: node.range,
                help: "write apiVersion: \(Self.apiVersion), or use a newer Mailkeel"))
        return false
    }

    private mutating func decodeKind(_ node: YAMLNode) -> ResourceKind? {
        guard case .scalar(let scalar) = node.content else {
            wrongType("kind", "a word", node)
            return nil
        }
        if let kind = ResourceKind(rawValue: scalar.text), kind != .authorization { return kind }
        let derived = scalar.text == ResourceKind.authorization.rawValue
        diagnostics.append(
            Diagnostic(
                .error, "manifest.unknown-kind", "unknown kind \(quoted(scalar.text))",
                at: node.range,
                help: derived
                    ? "authorizations follow from the accounts that need them and are never written"
                    : Suggestion.nearest(to: scalar.text, among: Self.kinds).map { "did you mean \"\($0)\"?" }
                        ?? "the kinds are \(Self.kinds.joined(separator: " and "))"))
        return nil
    }

    private struct Header {
        var name: Located<String>
        var labels: [String: String] = [:]
        var annotations: [String: String] = [:]
    }

    private mutating func decodeMetadata(_ node: YAMLNode) -> Header? {
        guard case .mapping(let mapping) = node.content else {
            wrongType("metadata", "a mapping", node)
            return nil
        }
        var name: Located<String>?
        var sawName = false
        var labels: [String: String] = [:]
        var annotations: [String: String] = [:]
        for (key, value) in mapping {
            guard case .scalar(let field) = key.content else { continue }
            switch field.text {
            case "name":
                sawName = true
                name = decodeName(value)
            case "labels": labels = decodeMap("labels", value)
            case "annotations": annotations = decodeMap("annotations", value)
            default:
                let known = ["name", "labels", "annotations"]
                if unknown(field.text, key.range, in: "metadata", known: known) == "name" { sawName = true }
            }
        }
        if !sawName {
            missing("metadata.name", node.range.firstLine, help: "every resource has a name, unique among its kind")
        }
        return name.map { Header(name: $0, labels: labels, annotations: annotations) }
    }

    /// A name stands in addresses, files and URLs: letters, digits, `-`, `_` and `.`, at most 63.
    private mutating func decodeName(_ node: YAMLNode) -> Located<String>? {
        var decoder = ValueDecoder()
        defer { diagnostics += decoder.diagnostics }
        guard let text = decoder.text(node, field: "metadata.name") else { return nil }
        let allowed = text.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x61 && byte <= 0x7A)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard allowed, text.utf8.count <= 63 else {
            decoder.badValue(
                "metadata.name", node.range, "\(quoted(text)) is no name",
                help: "use at most 63 letters, digits, \"-\", \"_\" and \".\"")
            return nil
        }
        return Located(text, node.range)
    }

    private mutating func decodeMap(_ field: String, _ node: YAMLNode) -> [String: String] {
        var decoder = ValueDecoder()
        defer { diagnostics += decoder.diagnostics }
        return decoder.map(node, field: "metadata.\(field)") ?? [:]
    }

    // MARK: Diagnostics

    private mutating func missing(_ field: String, _ range: SourceRange, help: String) {
        diagnostics.append(
            Diagnostic(
                .error, "manifest.missing-field", "\(field) is missing", at: range, help: help))
    }

    private mutating func wrongType(_ field: String, _ wanted: String, _ node: YAMLNode) {
        diagnostics.append(.wrongType(field, wanted: wanted, node))
    }

    /// Returns the known field that was probably meant.
    private mutating func unknown(
        _ field: String, _ range: SourceRange, in owner: String, known: [String]
    ) -> String? {
        diagnostics.append(.unknownField(field, range, in: owner, known: known))
        return Suggestion.nearest(to: field, among: known)
    }
}
