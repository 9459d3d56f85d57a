import KeelBase

/// How format 2 writes a record: what planning looks at comes first, so that a reader can stop there.
extension JSONOutput {
    /// The containers around a record in the document: the document, `payload`, `plain`, `resources`.
    static let recordDepth = 4

    /// `head` is the record's own; making it takes a digest, so it is made once.
    mutating func record(_ record: ResourceRecord, _ head: RecordHead) {
        beginObject()
        if let digest = head.digest { member("digest", digest) }
        if let grant = head.grant { member("grant", grant) }
        if head.isProven { flag("proven") }
        if head.hasFailure { flag("failed") }
        if head.isStaged { flag("staged") }
        if let committed = record.committed {
            name("committed")
            self.committed(committed)
        }
        if let failure = record.failure {
            name("failure")
            self.failure(failure)
        }
        if let staging = record.staging {
            name("staging")
            self.staging(staging)
        }
        endObject()
    }

    private mutating func committed(_ record: CommittedRecord) {
        beginObject()
        name("declared")
        fields(record.declared.map { ($0.key, $0.value) })
        effective(record)
        if !record.fingerprints.isEmpty {
            name("fingerprints")
            fingerprints(record.fingerprints)
        }
        if let proof = record.proof {
            name("proof")
            self.proof(proof, grant: record.grant)
        }
        if !record.dependencies.isEmpty {
            name("dependencies")
            texts(record.dependencies.map(\.description))
        }
        if !record.external.isEmpty {
            name("external")
            texts(record.external)
        }
        member("committedAt", record.committedAt.description)
        member("run", record.run)
        endObject()
    }

    /// Only what `declared` does not say already, by origin; and the declared names that hold nothing.
    private mutating func effective(_ record: CommittedRecord) {
        var groups: [(origin: EffectiveValue.Origin, fields: [(String, FieldValue)])] = []
        for (name, field) in record.effective {
            if field.origin == .manifest, record.declared[name] == field.value { continue }
            if let index = groups.firstIndex(where: { $0.origin == field.origin }) {
                groups[index].fields.append((name, field.value))
            } else {
                groups.append((field.origin, [(name, field.value)]))
            }
        }
        if !groups.isEmpty {
            name("effective")
            beginObject()
            for (origin, values) in groups.map({ ($0.origin.text, $0.fields) }).sorted(by: { $0.0 < $1.0 }) {
                name(origin)
                fields(values)
            }
            endObject()
        }
        let idle = record.declared.keys.filter { record.effective[$0] == nil }
        if !idle.isEmpty {
            name("idle")
            texts(idle.inByteOrder)
        }
    }

    private mutating func fields(_ fields: [(name: String, value: FieldValue)]) {
        beginObject()
        for field in fields.sorted(by: { $0.name < $1.name }) {
            name(field.name)
            value(field.value)
        }
        endObject()
    }

    private mutating func value(_ value: FieldValue) {
        switch value {
        case .text(let text): string(text)
        case .integer(let number): integer(number)
        case .boolean(let flag): boolean(flag)
        case .set(let texts): self.texts(texts)
        case .map(let pairs): texts(pairs)
        case .secret(let source): secret(source)
        }
    }

    private mutating func secret(_ source: SecretSource) {
        beginObject()
        name("secret")
        beginObject()
        switch source.location {
        case .environment(let text), .file(let text), .vault(let text): member(source.key, text)
        case .command(let words):
            name(source.key)
            texts(words)
        }
        if let version = source.version { member("version", version) }
        endObject()
        endObject()
    }

    /// The grant is written only where it is another than the record's.
    private mutating func proof(_ proof: ProofRecord, grant: String?) {
        beginObject()
        member("at", proof.at.description)
        member("run", proof.run)
        if proof.grant != grant {
            name("grant")
            if let grant = proof.grant { string(grant) } else { null() }
        }
        member("settings", proof.settings)
        member("mechanism", proof.mechanism)
        endObject()
    }

    private mutating func failure(_ failure: FailureRecord) {
        beginObject()
        member("code", failure.code)
        member("message", failure.message)
        member("at", failure.at.description)
        member("run", failure.run)
        if !failure.refused.isEmpty {
            name("refused")
            fingerprints(failure.refused)
        }
        endObject()
    }

    private mutating func staging(_ staging: StagingRecord) {
        beginObject()
        member("keeper", staging.keeper)
        if !staging.external.isEmpty {
            name("external")
            texts(staging.external)
        }
        if !staging.writes.isEmpty {
            name("writes")
            beginArray()
            for write in staging.writes {
                element()
                beginObject()
                member("id", write.id)
                if write.isDone { flag("done") }
                endObject()
            }
            endArray()
        }
        member("at", staging.at.description)
        member("run", staging.run)
        endObject()
    }

    // MARK: Parts

    mutating func member(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    private mutating func flag(_ name: String) {
        self.name(name)
        boolean(true)
    }

    private mutating func texts(_ texts: [String]) {
        beginArray()
        for text in texts {
            element()
            string(text)
        }
        endArray()
    }

    private mutating func texts(_ texts: [String: String]) {
        beginObject()
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) { member(name, text) }
        endObject()
    }

    private mutating func fingerprints(_ fingerprints: [String: Fingerprint]) {
        beginObject()
        for (field, fingerprint) in fingerprints.sorted(by: { $0.key < $1.key }) {
            name(field)
            beginObject()
            member("key", fingerprint.key)
            member("hmac", fingerprint.code)
            endObject()
        }
        endObject()
    }
}
