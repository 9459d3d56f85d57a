import KeelDiagnostics

/// What libyaml saw next; its place and texts are asked from the reader.
enum Event {
    case streamStart, streamEnd, documentStart, documentEnd, alias, scalar, sequenceStart, sequenceEnd, mappingStart,
        mappingEnd
}

/// Why libyaml could not go on.
struct SyntaxFault: Error, Equatable {
    /// libyaml's words; nil when memory ran out.
    let problem: String?
    let position: SourcePosition?
    /// What it was reading, in its words, and since where.
    let context: String?
    let contextPosition: SourcePosition?
}
