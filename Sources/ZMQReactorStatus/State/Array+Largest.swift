extension Array {
    /// The elements with the largest values, the largest first; among equals, those in front. The others are not sorted.
    func largest(_ limit: Int, by value: (Element) -> Int) -> [Element] {
        var found: [(index: Int, value: Int)] = []
        for (index, element) in enumerated() {
            let value = value(element)
            if found.count == limit {
                guard let last = found.last, last.value < value else { continue }
                found.removeLast()
            }
            var places = 0..<found.count
            while !places.isEmpty {
                let middle = places.lowerBound + places.count / 2
                places = found[middle].value < value ? places.lowerBound..<middle : middle + 1..<places.upperBound
            }
            found.insert((index, value), at: places.lowerBound)
        }
        return found.map { self[$0.index] }
    }
}
