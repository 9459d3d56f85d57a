import KeelBase
import KeelDiagnostics
import KeelYAML

/// Turns the documents of one file into declarations, and every mistake into a diagnostic.
package struct ManifestDecoder {
    /// The one value of `apiVersion`.
    package static let apiVersion = "mailkeel/v1"

    package private(set) var declarations = Declarations()
    package private(set) var diagnostics: [Diagnostic] = []

    private let recentAccountFields = RecentFields(.emailAccount)
    private let recentProfileFields = RecentFields(.oauthProfile)
    private var metadata: MetadataDecoder
    private let scope: ReferenceScope
    private var sets: [DeclaredAccountSet] = []

    package init(variables: VariableScope = .empty) {
        scope = ReferenceScope(variables)
        metadata = MetadataDecoder(scope)
        // A name may be made of what is not decided.
        if !variables.isDecided { markIncomplete() }
    }

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
    /// `directory` is that of the file, relative to the project; empty for the project's own. A `Project` stands in the
    /// project file alone, where whoever reads that file has decoded it already.
    package mutating func decode(
        _ documents: [YAMLDocument], directory: String, isProjectFile: Bool = false
    ) -> FileContent {
        let roots = documents.compactMap(\.root)
        let foreign = roots.filter { !Self.isOurs($0) }
        guard foreign.count < roots.count else { return .foreign }
        guard !foreign.isEmpty else {
            for root in roots { decodeResource(root, directory, isProjectFile) }
            return .manifests
        }
        for root in roots {
            guard !Self.isOurs(root) else {
                decodeResource(root, directory, isProjectFile)
                continue
            }
            diagnostics.append(
                Diagnostic(
                    .error, "manifest.mixed-file", "this document is no manifest, but others in the file are",
                    at: root.range.firstLine,
                    help: "give it apiVersion: \(Self.apiVersion), or move it to a file of its own"))
        }
        // It may have been meant for a manifest, and nobody knows of which resource.
        markIncomplete()
        return .mixed
    }

    /// The CSV files that the sets need before they can be expanded; several sets may name the same.
    package var tables: [SetTable] { sets.compactMap(\.table) }

    /// Makes accounts of the sets, after all files were decoded. The given tables are the files that `tables` asked for, by
    /// their paths; those that could not be read are absent.
    package mutating func expandSets(_ tables: [String: SourceFileID], in sources: SourceMap) {
        var expansion = SetExpansion(
            scope, recent: recentAccountFields, tables: SetTables(tables, in: sources))
        for set in sets { expansion.expand(set, into: &declarations) }
        diagnostics += expansion.diagnostics
        sets = []
    }

    /// Notes that manifests could not be read: what they may declare is not missed where it is named.
    package mutating func markIncomplete() { declarations.lose(nil) }

    /// Whether a document claims to be a manifest: a mapping whose `apiVersion` begins with `mailkeel/`.
    static func isOurs(_ root: YAMLNode) -> Bool {
        guard case .mapping(let mapping) = root.content else { return false }
        for (key, value) in mapping {
            guard case .scalar(let name) = key.content, name.isText("apiVersion") else { continue }
            if case .scalar(let version) = value.content { return version.bytes.starts(with: "mailkeel/".utf8) }
        }
        return mapping.contains { isMistypedVersion($0, $1) }
    }

    /// Whether the entry was meant for `apiVersion: mailkeel/...`: to skip such a document would be to lose a resource.
    private static func isMistypedVersion(_ key: YAMLNode, _ value: YAMLNode) -> Bool {
        guard case .scalar(let version) = value.content, version.bytes.starts(with: "mailkeel/".utf8),
            case .scalar(let name) = key.content
        else { return false }
        return Suggestion.nearest(to: name.text, among: [Envelope.Field.apiVersion.rawValue]) != nil
    }

    private mutating func decodeResource(_ root: YAMLNode, _ directory: String, _ isProjectFile: Bool) {
        guard case .mapping(let mapping) = root.content else { return }
        if isProjectFile, ProjectFileDecoder.isProject(root) { return }
        let envelope = Envelope(mapping, &diagnostics)
        if case .project? = envelope.kind {
            return refuseProject(root)
        }
        if !declare(envelope, root, directory) { declarations.lose(envelope.writtenName) }
    }

    /// Declares the resource; false if a mistake around its spec keeps it from being declared.
    private mutating func declare(_ envelope: Envelope, _ root: YAMLNode, _ directory: String) -> Bool {
        // What another version means is not known here, so nothing in it is called a mistake.
        guard envelope.isKnownVersion, !envelope.isAmbiguous else { return false }
        switch envelope.kind {
        case .emailAccount?:
            let declaration: DeclaredAccount? = declaration(envelope, root, directory, recentAccountFields)
            if let declaration { declarations.accounts.append(declaration) }
            return declaration != nil
        case .oauthProfile?:
            let declaration: DeclaredProfile? = declaration(envelope, root, directory, recentProfileFields)
            if let declaration { declarations.profiles.append(declaration) }
            return declaration != nil
        case .emailAccountSet?:
            decodeSet(envelope, root, directory)
            return true
        case .project?: return true
        case .moved?:
            decodeMove(envelope, root)
            return true
        case .removed?:
            decodeRemoval(envelope, root)
            return true
        case nil:
            guard !envelope.isWritten(.kind) else {
                // An unknown kind may have been meant for one that needs no metadata.
                if let metadata = envelope.metadata { _ = self.metadata.decode(metadata, &diagnostics) }
                return false
            }
            diagnostics.append(
                .missingField("kind", at: root.range.firstLine, help: "the kinds are \(DocumentKind.names)"))
            _ = decodeMetadata(envelope, root)
            return false
        }
    }

    private mutating func refuseProject(_ root: YAMLNode) {
        diagnostics.append(
            .error(
                "manifest.misplaced-project", "a Project stands in the mailkeel.yaml of the project's directory only",
                at: root.range.firstLine,
                help:
                    "move it there; or, if this is another project, name it by --chdir, and leave it out here by patterns under spec.manifests"
            ))
    }

    /// The metadata that every resource has.
    private mutating func decodeMetadata(_ envelope: Envelope, _ root: YAMLNode) -> Metadata? {
        if let metadata = envelope.metadata { return self.metadata.decode(metadata, &diagnostics) }
        if !envelope.isWritten(.metadata) {
            diagnostics.append(
                .missingField("metadata", at: root.range.firstLine, help: "write metadata: { name: ... }"))
        }
        return nil
    }

    private mutating func decodeSet(_ envelope: Envelope, _ root: YAMLNode, _ directory: String) {
        var decoder = SetDecoder(scope, directory: directory)
        defer { diagnostics += decoder.diagnostics }
        if !envelope.isWritten(.metadata) {
            decoder.report(
                .missingField("metadata", at: root.range.firstLine, help: "write metadata: { name: ... }"))
        }
        if !envelope.isWritten(.spec) {
            decoder.report(
                .missingField("spec", at: root.range.firstLine, help: "every EmailAccountSet has a spec"))
        }
        let parts = envelope.metadata.map { decoder.metadata($0, self.metadata) }
        guard let parts, let name = parts.name, let spec = envelope.spec else {
            declarations.loseSet(parts?.name?.value)
            return
        }
        sets.append(decoder.decode(spec, name, labels: parts.labels, annotations: parts.annotations))
    }

    private mutating func decodeMove(_ envelope: Envelope, _ root: YAMLNode) {
        let addresses = decodeAddresses(.moved, envelope, root)
        if let from = addresses[.from], let to = addresses[.to] {
            declarations.moves.append(DeclaredMove(from: from, to: to))
        } else {
            declarations.refuseMove()
        }
    }

    private mutating func decodeRemoval(_ envelope: Envelope, _ root: YAMLNode) {
        let addresses = decodeAddresses(.removed, envelope, root)
        if let address = addresses[.address] { declarations.removals.append(DeclaredRemoval(address: address)) }
    }

    private mutating func decodeAddresses(
        _ kind: DocumentKind, _ envelope: Envelope, _ root: YAMLNode
    ) -> [AddressField: Located<ResourceAddress>] {
        var decoder = RefactoringDecoder(kind, scope)
        defer { diagnostics += decoder.diagnostics }
        if let metadata = envelope.metadata { decoder.decodeMetadata(metadata) }
        if let spec = envelope.spec { return decoder.decodeSpec(spec) }
        if !envelope.isWritten(.spec) {
            diagnostics.append(
                .missingField("spec", at: root.range.firstLine, help: "every \(kind.rawValue) has a spec"))
        }
        return [:]
    }

    private mutating func declaration<Field: ResourceField>(
        _ envelope: Envelope, _ root: YAMLNode, _ directory: String, _ recent: RecentFields
    ) -> Declaration<Field>? {
        guard let metadata = decodeMetadata(envelope, root) else {
            // What is wrong within the spec is wrong whatever the name will be.
            if let spec = envelope.spec {
                var decoder = SpecDecoder<Field>(table: Field.table, recent: recent, scope: scope)
                decoder.decode(spec, owner: "this \(Field.kind.rawValue)", at: root.range.firstLine)
                diagnostics += decoder.diagnostics
            }
            return nil
        }
        guard let spec = envelope.spec else {
            if !envelope.isWritten(.spec) {
                diagnostics.append(
                    .missingField("spec", at: metadata.name.range, help: "every \(Field.kind.rawValue) has a spec"))
            }
            return nil
        }
        var decoder = SpecDecoder<Field>(table: Field.table, recent: recent, scope: scope)
        decoder.decode(
            spec, owner: "\(Field.kind.rawValue) \(quoted(metadata.name.value))", at: metadata.name.range)
        diagnostics += decoder.diagnostics.map { $0.about(ResourceAddress(Field.kind, metadata.name.value)) }
        return Declaration(
            name: metadata.name, labels: metadata.labels, annotations: metadata.annotations, spec: decoder.spec,
            directory: directory)
    }
}
