global using TalentSphere.AppHost.Kubernetes.Model;
