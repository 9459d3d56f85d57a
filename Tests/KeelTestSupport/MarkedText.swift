/// A fixture with places written into it: `sever1️⃣: x` is `sever: x` and the place 1:6 under the name `1️⃣`.
///
/// A marker is a digit in a keycap. Places count lines and Unicode scalars from one, without the markers and without a
/// byte order mark at the beginning.
package struct MarkedText: Sendable {
    /// A line and a column, both counted from one.
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let line: Int
        package let column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        package var description: String { "\(line):\(column)" }
    }

    /// The fixture without its markers.
    package let text: String
    /// The place of each marker.
    package let places: [String: Place]

    package init(_ marked: String) {
        var text = String.UnicodeScalarView()
        var places: [String: Place] = [:]
        var line = 1
        var column = 1
        let scalars = Array(marked.unicodeScalars)
        var index = 0
        while index < scalars.count {
            if let marker = Self.marker(in: scalars, at: index) {
                places[marker] = Place(line: line, column: column)
                index += Self.keycap.count + 1
                continue
            }
            text.append(scalars[index])
            if Self.endsLine(scalars, at: index) {
                line += 1
                column = 1
            } else if index > 0 || scalars[index] != "\u{FEFF}" {
                column += 1
            }
            index += 1
        }
        self.text = String(text)
        self.places = places
    }

    package var bytes: [UInt8] { Array(text.utf8) }

    /// The place of a marker; nil if the fixture has no such marker.
    package subscript(marker: String) -> Place? { places[marker] }

    /// The names of the markers, in the order of their digits.
    package var markers: [String] { places.keys.sorted() }

    /// What follows the digit.
    private static let keycap: [Unicode.Scalar] = ["\u{FE0F}", "\u{20E3}"]

    private static func endsLine(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        let isPaired = index + 1 < scalars.count && scalars[index + 1] == "\n"
        return scalars[index] == "\n" || (scalars[index] == "\r" && !isPaired)
    }

    private static func marker(in scalars: [Unicode.Scalar], at index: Int) -> String? {
        guard ("0"..."9").contains(scalars[index]), scalars[(index + 1)...].starts(with: keycap) else { return nil }
        var name = String.UnicodeScalarView([scalars[index]])
        name.append(contentsOf: keycap)
        return String(name)
    }
}
