/// `1 account`, `2 accounts`: a number with its noun, for nouns that only take an s.
package func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
