/// A few names with what they mean, found by their bytes: of the keys of a manifest, which are known names nearly always,
/// no strings are made.
struct NameTable<Meaning: Sendable>: Sendable {
    private struct Row: Sendable {
        let name: [UInt8]
        let meaning: Meaning
    }

    /// By the length of the name.
    private var rows: [[Row]] = []

    init(_ meanings: some Sequence<(name: String, meaning: Meaning)>) {
        for (name, meaning) in meanings {
            let bytes = Array(name.utf8)
            while rows.count <= bytes.count { rows.append([]) }
            rows[bytes.count].append(Row(name: bytes, meaning: meaning))
        }
    }

    /// What the name means; nil if it is not known.
    subscript(name: ArraySlice<UInt8>) -> Meaning? {
        guard name.count < rows.count else { return nil }
        for row in rows[name.count] where row.name.elementsEqual(name) { return row.meaning }
        return nil
    }
}

extension NameTable where Meaning: CaseIterable & RawRepresentable<String> {
    /// The words of an enumeration.
    init(of words: Meaning.Type) { self.init(words.allCases.map { (name: $0.rawValue, meaning: $0) }) }
}
