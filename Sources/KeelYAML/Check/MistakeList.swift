import KeelDiagnostics

/// The mistakes of one file, up to a number: a hostile file must not fill the memory with complaints about it.
struct MistakeList {
    private(set) var diagnostics: [Diagnostic] = []
    private let most: Int

    init(most: Int) { self.most = most }

    /// Whether further mistakes are dropped.
    var isFull: Bool { diagnostics.count > most }

    /// Adds a mistake, or, in place of the first one too many, a word that there are more.
    mutating func add(_ diagnostic: Diagnostic) {
        guard !isFull else { return }
        guard diagnostics.count < most else {
            diagnostics.append(
                .error(
                    "yaml.limit", "more than \(most) mistakes in this file; the others are not listed",
                    at: diagnostic.range))
            return
        }
        diagnostics.append(diagnostic)
    }
}
