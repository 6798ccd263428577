// Users of the host, for who wants a program to run as another.
export { findUser, isRoot, type User } from "../host/users.js";
