import KeelDiagnostics
import KeelModel
import KeelTestSupport
import Testing

/// Files with a marker at each expected diagnostic, in whichever of them it stands, and the code expected there.
struct MarkedFiles: Sendable, CustomTestStringConvertible {
    let files: [(path: String, text: String)]
    let codes: [String]

    init(_ files: [(path: String, text: String)], _ codes: [String]) {
        self.files = files
        self.codes = codes
    }

    var testDescription: String { files.map(\.text.debugDescription).joined(separator: " ") }

    func check(variables: [String: Variable] = [:], sourceLocation: SourceLocation = #_sourceLocation) {
        let marked = files.map { (path: $0.path, text: MarkedText($0.text)) }
        var places: [(marker: String, place: String)] = []
        for file in marked {
            for (marker, place) in file.text.places { places.append((marker, "\(file.path):\(place)")) }
        }
        places.sort { $0.marker < $1.marker }
        #expect(places.count == codes.count, sourceLocation: sourceLocation)
        let loaded = Loaded(files: marked.map { ($0.path, $0.text.text) }, variables: variables)
        let words = loaded.diagnostics.map { Comment(rawValue: $0.message) }
        let found = loaded.diagnostics.map { diagnostic in
            let path = diagnostic.range.map { loaded.sources[$0.file].path } ?? ""
            return "\(diagnostic.code) \(path):\(diagnostic.range?.start.description ?? "nowhere")"
        }
        let expected = zip(codes, places).map { "\($0) \($1.place)" }
        #expect(found.sorted() == expected.sorted(), words.first, sourceLocation: sourceLocation)
    }
}
