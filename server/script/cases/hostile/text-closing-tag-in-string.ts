// expect: done
// says: </tool-calls>
// ---
const a = '</tool-calls>', b = `</tool-calls>`; // </tool-calls>
/* </tool-calls> */
return [a, b];
