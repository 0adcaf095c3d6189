// head

fn main() {
    let a = 1;
    let b = 20;
}
