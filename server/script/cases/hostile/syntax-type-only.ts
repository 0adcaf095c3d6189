// expect: done
// says: null
// ---
interface A { b: string } type C<T> = T extends infer U ? U : never; declare const d: A;
