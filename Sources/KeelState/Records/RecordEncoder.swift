import KeelBase

/// How format 2 writes a record: what planning looks at comes first, so that a reader can stop there.
extension JSONOutput {
    /// The containers around a record in the document: the document, `payload`, `plain`, `resources`.
    static let recordDepth = 4

    /// Writes the record, and returns its head.
    mutating func record(_ record: ResourceRecord) -> RecordHead {
        let fields = record.committed.map { OrderedFields($0) }
        let head = RecordHead(record, digest: fields?.digest)
        beginObject()
        if let digest = head.digest { member("digest", digest) }
        if let grant = head.grant { member("grant", grant) }
        if head.isProven { flag("proven") }
        if head.hasFailure { flag("failed") }
        if head.isStaged { flag("staged") }
        if let committed = record.committed, let fields {
            name("committed")
            self.committed(committed, fields)
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
        return head
    }

    private mutating func committed(_ record: CommittedRecord, _ fields: OrderedFields) {
        beginObject()
        name("declared")
        beginObject()
        for field in fields.declared { member(field.name, field.value) }
        endObject()
        effective(fields)
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
            beginArray()
            for address in record.dependencies {
                element()
                self.address(address)
            }
            endArray()
        }
        if !record.external.isEmpty {
            name("external")
            texts(record.external)
        }
        member("committedAt", record.committedAt)
        member("run", record.run)
        endObject()
    }

    /// Only what `declared` does not say already, by origin; and the declared names that hold nothing.
    private mutating func effective(_ fields: OrderedFields) {
        var origins: [EffectiveValue.Origin] = []
        for field in fields.effective where !field.isTold && !origins.contains(field.field.origin) {
            origins.append(field.field.origin)
        }
        if !origins.isEmpty {
            name("effective")
            beginObject()
            for (text, origin) in origins.map({ ($0.text, $0) }).sorted(by: { $0.0 < $1.0 }) {
                name(text)
                beginObject()
                for field in fields.effective where !field.isTold && field.field.origin == origin {
                    member(field.name, field.field.value)
                }
                endObject()
            }
            endObject()
        }
        let idle = fields.declared.filter(\.isIdle)
        if !idle.isEmpty {
            name("idle")
            texts(idle.map(\.name))
        }
    }

    private mutating func member(_ name: String, _ value: FieldValue) {
        self.name(name)
        self.value(value)
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
        member("at", proof.at)
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
        member("at", failure.at)
        member("run", failure.run)
        if !failure.refused.isEmpty {
            name("refused")
            beginObject()
            for (field, credential) in failure.refused.inByteOrder {
                name(field)
                beginObject()
                members(of: credential.fingerprint)
                member("at", credential.at)
                endObject()
            }
            endObject()
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
        member("at", staging.at)
        member("run", staging.run)
        endObject()
    }

    // MARK: Parts

    mutating func member(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }

    private mutating func member(_ name: String, _ time: Timestamp) {
        self.name(name)
        self.time(time)
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
        for (name, text) in texts.inByteOrder { member(name, text) }
        endObject()
    }

    private mutating func fingerprints(_ fingerprints: [String: Fingerprint]) {
        beginObject()
        for (field, fingerprint) in fingerprints.inByteOrder {
            name(field)
            beginObject()
            members(of: fingerprint)
            endObject()
        }
        endObject()
    }

    private mutating func members(of fingerprint: Fingerprint) {
        member("key", fingerprint.key)
        member("hmac", fingerprint.code)
    }
}
