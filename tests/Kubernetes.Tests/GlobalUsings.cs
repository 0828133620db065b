global using TalentSphere.Kubernetes.Tests.Manifests;
